/** The few shapes that charts are made of. Colours are readable on light and on dark pages alike. */

export const TEXT_COLOR = "#7d8590";
const RULE_COLOR = "#7d859055";
const FONT = "font-family=\"system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif\"";

/** Colours by the order of the systems; klite is the first. */
export const SERIES_COLORS: readonly string[] = [
  "#2f81f7",
  "#d4802a",
  "#a06fe8",
  "#2da44e",
  "#e5534b",
  "#1b9e9e",
];

/** How a text is set. */
export interface TextStyle {
  readonly anchor?: "start" | "middle" | "end";
  readonly size?: number;
  readonly color?: string;
  readonly isBold?: boolean;
}

/** A text whose baseline begins, has its middle or ends at a point. */
export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { anchor = "start", size = 12, color = TEXT_COLOR, isBold = false } = style;
  const weight = isBold ? ' font-weight="600"' : "";
  return `<text x="${at(x)}" y="${
    at(y)
  }" fill="${color}" font-size="${size}" text-anchor="${anchor}"${weight}>` +
    `${escape(content)}</text>`;
}

/** A filled box with slightly round corners. */
export function box(x: number, y: number, width: number, height: number, color: string): string {
  return `<rect x="${at(x)}" y="${at(y)}" width="${at(Math.max(width, 0.5))}" height="${
    at(height)
  }" rx="1.5" ` +
    `fill="${color}"/>`;
}

/** A straight line. */
export function line(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  { color = RULE_COLOR, width = 1 }: { readonly color?: string; readonly width?: number } = {},
): string {
  return `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" stroke="${color}" ` +
    `stroke-width="${width}"/>`;
}

/** A line through points. */
export function path(points: readonly (readonly [number, number])[], color: string): string {
  const steps = points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${at(x)} ${at(y)}`).join("");
  return `<path d="${steps}" fill="none" stroke="${color}" stroke-width="2" stroke-linejoin="round"/>`;
}

/** A dot. */
export function dot(x: number, y: number, radius: number, color: string): string {
  return `<circle cx="${at(x)}" cy="${at(y)}" r="${radius}" fill="${color}"/>`;
}

/** A whole picture. The title is read aloud, not drawn. */
export function picture(title: string, width: number, height: number, shapes: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${at(height)}" width="${width}" ` +
    `height="${at(height)}" role="img" ${FONT}>\n<title>${escape(title)}</title>\n${
      shapes.join("\n")
    }\n</svg>\n`;
}

/** Places values on a logarithmic axis. */
export class LogScale {
  readonly #from: number;
  readonly #perDecade: number;
  readonly #start: number;
  readonly lowest: number;
  readonly highest: number;

  /** An axis from `start` to `end` that holds all the values, which must be above 0. */
  constructor(values: readonly number[], start: number, end: number) {
    this.lowest = niceBelow(Math.min(...values));
    this.highest = Math.max(niceAbove(Math.max(...values)), this.lowest * 2);
    this.#from = Math.log10(this.lowest);
    this.#start = start;
    this.#perDecade = (end - start) / (Math.log10(this.highest) - this.#from);
  }

  at(value: number): number {
    return this.#start + (Math.log10(value) - this.#from) * this.#perDecade;
  }

  /** 1, 2 and 5 of each power of ten, or only the powers when those would be too many. */
  ticks(): number[] {
    const decades = Math.log10(this.highest / this.lowest);
    const steps = decades > 3.2 ? [1] : decades > 2 ? [1, 3] : [1, 2, 5];
    const ticks: number[] = [];
    for (let power = Math.floor(this.#from) - 1; power <= Math.ceil(Math.log10(this.highest)); power++) {
      for (const step of steps) {
        const value = Number((step * 10 ** power).toPrecision(3));
        if (value >= this.lowest * 0.999 && value <= this.highest * 1.001) ticks.push(value);
      }
    }
    return ticks;
  }
}

const NICE_STEPS: readonly number[] = [1, 2, 5, 10];

function niceBelow(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * (NICE_STEPS.findLast((step) => step * power <= value * 1.000_001) ?? 1);
}

function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * (NICE_STEPS.find((step) => step * power >= value * 0.999_999) ?? 10);
}

function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
