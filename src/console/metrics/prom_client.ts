/**
 * What klite uses of Prometheus' client library. Named in full, not by an import map: the broker runs with no
 * configuration file, which would cost it memory.
 */
export { Gauge, Registry } from "npm:prom-client@15.1.3";
