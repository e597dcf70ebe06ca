/** Profiles whose places are those of the TypeScript source. */
import type { AllocationNode, CallFrame, CpuProfile, ProfileNode } from "./model.ts";
import type { SourceMap } from "./source_map.ts";

/** Source maps by the URL of their script. */
export type SourceMaps = ReadonlyMap<string, SourceMap>;

/** The same profile with lines and columns of the source, where a map is known. */
export function mapCpuProfile(profile: CpuProfile, maps: SourceMaps): CpuProfile {
  return { ...profile, nodes: profile.nodes.map((node) => mapNode(node, maps)) };
}

/** The same for allocations. */
export function mapAllocations(node: AllocationNode, maps: SourceMaps): AllocationNode {
  return {
    ...node,
    callFrame: mapFrame(node.callFrame, maps),
    children: node.children.map((child) => mapAllocations(child, maps)),
  };
}

function mapNode(node: ProfileNode, maps: SourceMaps): ProfileNode {
  const map = maps.get(node.callFrame.url);
  if (map === undefined) return node;
  const positionTicks = (node.positionTicks ?? []).map(({ line, ticks }) => {
    // A tick tells no column; what is on its line comes from one place nearly always.
    const source = map.sourceOf({ line: line - 1, column: Number.MAX_SAFE_INTEGER });
    return { line: (source?.line ?? line - 1) + 1, ticks };
  });
  return { ...node, callFrame: mapFrame(node.callFrame, maps), positionTicks };
}

function mapFrame(frame: CallFrame, maps: SourceMaps): CallFrame {
  const { lineNumber: line, columnNumber: column } = frame;
  const source = maps.get(frame.url)?.sourceOf({ line, column });
  return source === null || source === undefined
    ? frame
    : { ...frame, lineNumber: source.line, columnNumber: source.column };
}
