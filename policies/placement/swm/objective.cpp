#include "policies/placement/swm/objective.hpp"

#include "sim/base/reader.hpp"

namespace codecosim {

Objective read_objective(Reader& reader) {
  Objective o;
  if (auto r = reader.object("weights", "Of the parts of the objective.")) {
    o.row_cost = r->get<double>("row_cost", o.row_cost, "Of the cost of the target.", not_negative);
    o.cost = r->get<double>("cost", o.cost, "Of the cost of the workload on the target.", not_negative);
    o.recommendation =
        r->get<double>("recommendation", o.recommendation, "Of one less the recommendation.", not_negative);
    o.channel =
        r->get<double>("channel", o.channel, "Of the latency of a channel over its bound or `delay`.", not_negative);
    o.client = r->get<double>("client", o.client, "Of the latency to clients over `delay`, where no channel leads to.",
                              not_negative);
    o.data = r->get<double>("data", o.data, "Of the data sets to be copied, over `bulk`.", not_negative);
    o.move = r->get<double>("move", o.move, "Of a move: one, and its state over `bulk`.", not_negative);
    r->close();
  }
  o.delay = reader.get<Seconds>("delay", o.delay, "Latencies without a bound count in parts of this one.", positive);
  o.bulk = reader.get<Bytes>("bulk", o.bulk, "State and data count in parts of this size.", positive);
  return o;
}

}  // namespace codecosim
