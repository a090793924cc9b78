#pragma once
#include <array>
#include <utility>

namespace codecosim::test {

// What a schema cannot say of the values in a scenario: which are of a sensible size.

enum Extremes : unsigned { tame = 0, zero = 1, huge = 2 };

/// Between which sizes a quantity is drawn whose path, or that of something which holds it, ends so. A default says
/// well enough what is usual; this is for keys without one, and for those on which the number of events depends.
struct Size {
  const char* path;
  const char* low;
  const char* high;
  unsigned extremes = tame;
};
inline constexpr std::array sizes{
    Size{"series", "1 s", "2 min"},
    Size{"outages/#/duration", "1 s", "10 min", zero | huge},
    Size{"renewal/up", "20 s", "10 min", huge},
    Size{"renewal/down", "1 s", "3 min", zero},
    Size{"notice", "1 s", "5 min"},
    // Of clients: some hundreds of requests a minute in the whole world at most.
    Size{"workload/poisson", "0.02 /s", "1 /s"},
    Size{"workload/diurnal/mean", "0.02 /s", "1 /s"},
    Size{"workload/diurnal/day", "1 min", "1 d"},
    Size{"workload/periodic/period", "1 s", "60 s"},
    Size{"workload/periodic/jitter", "1 ms", "2 s", zero},
    Size{"workload/profile/points/#/rate", "0.02 /s", "1 /s", zero},
    Size{"workload/profile/points/#/at", "1 s", "10 min", zero},
    Size{"workload/flash_crowd/base", "0.02 /s", "0.5 /s", zero},
    Size{"workload/flash_crowd/peak", "0.5 /s", "5 /s"},
    Size{"workload/on_off/rate", "0.1 /s", "3 /s"},
    Size{"workload/on_off/on", "1 s", "1 min"},
    Size{"workload/on_off/off", "1 s", "5 min"},
    Size{"workload/mmpp/states/#/rate", "0.02 /s", "2 /s", zero},
    Size{"workload/mmpp/states/#/stay", "1 s", "1 min"},
    Size{"workload/closed/think", "1 s", "1 min"},
    Size{"workload/closed/between", "1 s", "5 min", zero},
    Size{"clients/#/active/from", "1 s", "10 min", zero},
    Size{"clients/#/active/until", "10 min", "1 h", huge},
    Size{"deadline", "5 ms", "5 s", huge},
    Size{"timeout", "10 ms", "10 s", huge},
    Size{"per_try_timeout", "10 ms", "5 s", huge},
    Size{"hedge/after", "5 ms", "1 s", huge},
    Size{"queue_timeout", "1 ms", "1 s", zero | huge},
    Size{"max_delay", "1 ms", "1 s"},
    Size{"request", "100 B", "200 kB", zero | huge},
    Size{"reply", "100 B", "200 kB", zero | huge},
    // Of applications.
    Size{"image/size", "1 MB", "800 MB", zero},
    Size{"requests/cpu", "10 m", "1 cores", zero | huge},
    Size{"requests/memory", "16 MiB", "1 GiB", zero | huge},
    Size{"limits/cpu", "50 m", "4 cores"},
    Size{"limits/memory", "16 MiB", "4 GiB"},
    Size{"work", "1 ms", "300 ms", zero | huge},
    Size{"state", "1 kB", "200 MB", huge},
    Size{"dirty_rate", "10 kbit/s", "200 Mbit/s", zero},
    Size{"crash", "2 s", "20 min"},
    Size{"components/#/start", "100 ms", "20 s", zero},
    Size{"tolerations/#/seconds", "1 s", "10 min", zero},
    // Of the infrastructure.
    Size{"cores", "1 cores", "16 cores"},
    Size{"node_types/*/memory", "1 GiB", "64 GiB", huge},
    Size{"power/idle", "1 W", "100 W"},
    Size{"power/busy", "10 W", "500 W", huge},
    Size{"tiers/#/ratio", "0.1 dB", "40 dB"},
    Size{"bandwidth", "1 Mbit/s", "10 Gbit/s", huge},
    Size{"down", "1 Mbit/s", "1 Gbit/s"},
    Size{"up", "1 Mbit/s", "1 Gbit/s"},
    Size{"link/latency", "50 us", "80 ms", zero},
    Size{"lan/latency", "50 us", "20 ms", zero},
    Size{"uplink/latency", "50 us", "80 ms", zero},
    Size{"access/latency", "50 us", "80 ms", zero},
    Size{"data/#/size", "10 kB", "500 MB", huge},
    Size{"update/period", "5 s", "10 min"},
    Size{"update/size", "1 kB", "50 MB", zero},
    Size{"freshness", "10 ms", "1 min"},
    // Of what moves: on an area of some hundreds of metres, and never so fast that it does little but change cells.
    Size{"manhattan/width", "10 m", "100 m"},
    Size{"manhattan/height", "10 m", "100 m"},
    Size{"fleet/speed", "0.3 m/s", "5 m/s"},
    Size{"speed", "0.3 m/s", "20 m/s"},
    Size{"pause", "1 s", "1 min"},
    Size{"commute/day", "2 min", "1 d"},
    Size{"leaves", "1 s", "5 min", zero},
    Size{"stays", "10 s", "10 min"},
    Size{"handling", "1 s", "1 min"},
    Size{"battery", "10 kJ", "500 kJ"},
    Size{"reach", "10 m", "2 km", zero},
    Size{"device_height", "0.5 m", "1.5 m"},  // what stands about is higher than devices and lower than cells
    Size{"clutter_height", "1.6 m", "3 m"},
    Size{"cell_height", "4 m", "30 m"},
    Size{"interruption", "1 ms", "2 s", zero},
    // Of what is done again and again.
    Size{"rollout/horizon", "1 s", "10 s"},
    Size{"time_limit", "1 h", "1 h"},  // of real time: no answer may depend on it
    // Of the control plane: short enough for a world to see it.
    Size{"ocm/lease", "2 s", "60 s"},
    Size{"ocm/evict", "5 s", "10 min", zero},
    Size{"ocm/hub_switch", "10 s", "5 min", zero},
    Size{"ocm/toleration", "1 s", "3 min", zero},
    Size{"ocm/resync", "10 s", "5 min"},
    Size{"kubernetes/grace", "1 s", "1 min", zero},
    Size{"kubernetes/toleration", "1 s", "3 min", zero},
    Size{"hub/service", "1 ms", "500 ms", zero},
    Size{"price_cap", "0.01 EUR/core/h", "1 EUR/core/h"},
    Size{"learning/round", "20 s", "10 min"},
    Size{"learning/sample", "5 s", "30 s"},
    Size{"learning/horizon", "30 s", "5 min"},
    // Whatever is not above and has no default.
    Size{"", "10 ms", "1 min"},
    Size{"", "100 B", "10 MB"},
    Size{"", "1 m", "500 m"},
    Size{"", "100 kbit/s", "1 Gbit/s"},
};

/// The same for plain numbers; those not listed are drawn around their default and within their bounds.
struct Number {
  const char* path;
  double low, high;
};
inline constexpr std::array numbers{
    Number{"replicas", 1, 4},
    Number{"max_pods", 1, 12},
    Number{"clients/#/count", 1, 5},
    Number{"cells/#/count", 1, 4},
    Number{"nodes/#/count", 1, 3},
    Number{"cells/#/channels", 1, 4},
    Number{"columns", 1, 12},
    Number{"rows", 1, 12},
    Number{"zipf/n", 1, 100},
    Number{"loss", 0, 0.2},
    Number{"probability", 0, 1},
    Number{"calls", 0, 3},
    Number{"session", 1, 20},
    Number{"retries/attempts", 0, 3},
    Number{"retries/budget", 0, 1},
    Number{"hedge/most", 1, 3},
    Number{"max_queue", 0, 20},
    Number{"latitude", 40, 41},
    Number{"longitude", 10, 12},
    Number{"agents", 4, 6},
    Number{"diurnal/factors/#", 0.1, 3},
    // What is done so many times, or so often.
    Number{"rollout/width", 2, 3},
    Number{"rollout/budget", 0, 9},
    Number{"swm-search/patience", 0, 200},
    Number{"swm/patience", 0, 200},
    Number{"telemetry/samples", 10, 2000},
    Number{"telemetry/batch", 100, 5000},
    Number{"hub/workers", 1, 20},
    Number{"hub/queue", 1, 60},
    Number{"netma/pings", 1, 60},
    Number{"netma/datagrams", 2, 300},
    Number{"attempts", 1, 20},
    Number{"lease_misses", 1, 5},
};

/// Pairs of an object of which the first must not be larger; the schema has each alone.
inline constexpr std::array<std::pair<const char*, const char*>, 7> ordered{{{"low", "high"},
                                                                             {"idle", "busy"},
                                                                             {"deceleration", "emergency"},
                                                                             {"at", "delete_at"},
                                                                             {"low", "full"},
                                                                             {"sample", "horizon"},
                                                                             {"place", "sight_place"}}};

}  // namespace codecosim::test
