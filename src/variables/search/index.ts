/**
 * What a search asks of a space: variation and restriction, designs, enumeration, size, neighbours, and vectors of
 * numbers and back.
 */

export { latinHypercube } from "../design/latin-hypercube.ts";
export { sobolConfigurations } from "../design/sobol-configurations.ts";
export { decodeConfiguration, encodeConfiguration } from "../encoding/configuration-code.ts";
export { layoutOf } from "../encoding/layout.ts";
export type { Layout, LayoutPart } from "../encoding/layout.ts";
export { dimensionality } from "../enumeration/dimensionality.ts";
export { enumerateConfigurations } from "../enumeration/enumerate-configurations.ts";
export { neighbours } from "../enumeration/neighbours.ts";
export { spaceSize } from "../enumeration/space-size.ts";
export { crossConfigurations, mutateConfiguration } from "../vary.ts";
export type { MutateOptions } from "../vary.ts";
export { restrictSpace } from "../restrict-space.ts";
