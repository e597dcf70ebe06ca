/**
 * The broker: where the rooms are put together into one that runs.
 *
 * It owns what the operator decides ({@link BrokerConfig}), the order of start
 * and stop, and the answer to "is it ready". A config whose values are each
 * valid may still not fit together; {@link configProblems} says so before
 * anything is opened.
 */
export { SASL_MECHANISMS, type SaslMechanism } from "../auth/mod.ts";
export { Broker, type Io } from "./broker.ts";
export { type ObjectsProvider, remoteJobs, type TierWorkerConfig } from "./objects.ts";
export { configProblems } from "./config.ts";
export type { BrokerConfig, ConfigProblem, TopicDeclaration } from "./config.ts";
export type { AdvertisedListener, ListenerDeclaration } from "./listeners.ts";
export { HealthEndpoint } from "./health_endpoint.ts";
