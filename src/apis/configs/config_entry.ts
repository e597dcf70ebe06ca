import { configDocumentation, type ConfigType, type DescribedConfig } from "../../cluster/configs/mod.ts";
import type { DescribeConfigsResponseDescribeConfigsResourceResultInput } from "../../protocol/generated/describe_configs_response.ts";

/** Types by Kafka's numbers. */
const TYPES: Readonly<Record<ConfigType, number>> = {
  boolean: 1,
  string: 2,
  int: 3,
  long: 5,
  double: 6,
  list: 7,
};

/** A config as DescribeConfigs tells it. */
export function configEntry(
  { def, value, source, isReadOnly, synonyms }: DescribedConfig,
  asked: { readonly includeSynonyms: boolean; readonly includeDocumentation: boolean },
): DescribeConfigsResponseDescribeConfigsResourceResultInput {
  return {
    name: def.name,
    value,
    readOnly: isReadOnly,
    configSource: source,
    isSensitive: false,
    synonyms: asked.includeSynonyms ? synonyms : [],
    configType: TYPES[def.type],
    documentation: asked.includeDocumentation ? configDocumentation(def.name) : null,
  };
}
