import { asksForSasl, type ListenerInfo, type ListenerProtocol, usesTls } from "../base/listener.ts";
import { formatAddress, isEveryInterface } from "../io/address.ts";
import type { Address, ClientAuth } from "../io/network.ts";
import type { BrokerConfig, ConfigProblem } from "./config.ts";

/** A listener besides the first one, as the operator declares it. */
export interface ListenerDeclaration {
  readonly name: string;
  readonly protocol: ListenerProtocol;
  readonly address: Address;
}

/** What the clients of the listener of that name are told to connect to. */
export interface AdvertisedListener {
  readonly name: string;
  readonly address: Address;
}

/** A listener as it will be. */
export interface ListenerPlan extends ListenerInfo {
  readonly address: Address;
}

type ListenerConfig = Pick<
  BrokerConfig,
  "listen" | "advertised" | "moreListeners" | "advertisedListeners" | "tlsCertFile" | "saslEnabled"
>;

/** All listeners: the one of `--listen`, whose protocol follows from what else is set, and the declared ones. */
export function listenerPlans(config: ListenerConfig): ListenerPlan[] {
  const { listen, advertised, moreListeners, advertisedListeners } = config;
  const protocol = firstProtocol(config);
  const told = new Map(advertisedListeners.map(({ name, address }) => [name, address]));
  return [
    { name: protocol, protocol, address: listen, advertised: advertised ?? told.get(protocol) ?? null },
    ...moreListeners.map((declared) => ({ ...declared, advertised: told.get(declared.name) ?? null })),
  ];
}

function firstProtocol({ tlsCertFile, saslEnabled }: ListenerConfig): ListenerProtocol {
  if (tlsCertFile === null) return saslEnabled ? "SASL_PLAINTEXT" : "PLAINTEXT";
  return saslEnabled ? "SASL_SSL" : "SSL";
}

/** Whether clients of a TLS listener show a certificate. On one with SASL they need not unless told so, as in Kafka. */
export function clientAuthOf(
  listener: Pick<ListenerInfo, "protocol">,
  { tlsClientAuth, tlsClientCaFile }: Pick<BrokerConfig, "tlsClientAuth" | "tlsClientCaFile">,
): ClientAuth {
  if (tlsClientAuth !== null) return tlsClientAuth;
  return tlsClientCaFile === null || asksForSasl(listener) ? "none" : "required";
}

/** What is wrong with the listeners of a config, and with what they need. */
export function listenerProblems(config: BrokerConfig): ConfigProblem[] {
  const plans = listenerPlans(config);
  return [
    ...nameProblems(config, plans),
    ...addressProblems(config, plans),
    ...tlsProblems(config, plans),
  ];
}

function nameProblems(config: BrokerConfig, plans: readonly ListenerPlan[]): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const names = new Set<string>();
  for (const [index, { name }] of plans.entries()) {
    if (names.has(name)) {
      const is = index > 0 && name === plans[0]?.name
        ? "is the name of the listener of --listen"
        : "is there twice";
      problems.push({ setting: "moreListeners", problem: `has a listener '${name}', which ${is}` });
    }
    names.add(name);
  }
  const told = new Set<string>();
  for (const { name } of config.advertisedListeners) {
    if (!names.has(name)) {
      problems.push({
        setting: "advertisedListeners",
        problem: `names '${name}', and the listeners are ${[...names].join(", ")}`,
      });
    }
    if (told.has(name)) problems.push({ setting: "advertisedListeners", problem: `has '${name}' twice` });
    told.add(name);
  }
  if (config.advertised !== null && told.has(plans[0]!.name)) {
    problems.push({
      setting: "advertisedListeners",
      problem: `has '${plans[0]!.name}', which --advertised-addr is about`,
    });
  }
  return problems;
}

function addressProblems(config: BrokerConfig, plans: readonly ListenerPlan[]): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const addresses = new Set<string>();
  for (const { address } of plans) {
    const text = formatAddress(address);
    if (address.port !== 0 && addresses.has(text)) {
      problems.push({ setting: "moreListeners", problem: `has a second listener on ${text}` });
    }
    addresses.add(text);
  }
  const unreachable = "must name a host that clients can connect to";
  if (config.advertised !== null && isEveryInterface(config.advertised.host)) {
    problems.push({ setting: "advertised", problem: unreachable });
  }
  if (config.advertisedListeners.some(({ address }) => isEveryInterface(address.host))) {
    problems.push({ setting: "advertisedListeners", problem: unreachable });
  }
  return problems;
}

function tlsProblems(config: BrokerConfig, plans: readonly ListenerPlan[]): ConfigProblem[] {
  const { tlsCertFile, tlsKeyFile, tlsClientCaFile, tlsClientAuth } = config;
  const problems: ConfigProblem[] = [];
  const encrypted = plans.find(usesTls);
  if (tlsCertFile === null && encrypted !== undefined) {
    problems.push({ setting: "tlsCertFile", problem: `is needed for the listener ${encrypted.name}` });
  }
  if (tlsCertFile !== null && tlsKeyFile === null) {
    problems.push({ setting: "tlsKeyFile", problem: "is needed beside --tls-cert" });
  }
  if (tlsKeyFile !== null && tlsCertFile === null) {
    problems.push({ setting: "tlsCertFile", problem: "is needed beside --tls-key" });
  }
  if (tlsClientCaFile !== null && tlsCertFile === null) {
    problems.push({ setting: "tlsCertFile", problem: "is needed beside --tls-client-ca" });
  }
  if (tlsClientAuth !== null && tlsClientAuth !== "none" && tlsClientCaFile === null) {
    problems.push({
      setting: "tlsClientCaFile",
      problem:
        `is needed with --tls-client-auth ${tlsClientAuth}: it says who may sign the certificates of clients`,
    });
  }
  const withSasl = plans.find(asksForSasl);
  if (withSasl !== undefined && !config.saslEnabled) {
    problems.push({ setting: "saslEnabled", problem: `is needed for the listener ${withSasl.name}` });
  }
  return problems;
}
