#pragma once
#include <memory>

#include "models/policy.hpp"

/// The factories of the recommenders and forecasters, PDLC-DL.
namespace codecosim {

Registry<Recommender>::Make read_lin_ucb(Reader& reader);
Registry<Recommender>::Make read_thompson(Reader& reader);
Registry<Recommender>::Make read_auction(Reader& reader);

std::unique_ptr<Forecaster> make_last_value();
Registry<Forecaster>::Make read_autoregressive(Reader& reader);
Registry<Forecaster>::Make read_holt_winters(Reader& reader);

}  // namespace codecosim
