#include "policies/torch/gnn.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <set>

#include "sim/base/error.hpp"

namespace codecosim::neural {

Tensor normalised_adjacency(const Forecaster::Graph& graph) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (std::uint32_t node = 0; node < graph.nodes; ++node) pairs.emplace(node, node);
  for (const auto& [a, b] : graph.links) {
    pairs.emplace(a, b);
    pairs.emplace(b, a);
  }
  std::vector<double> degree(graph.nodes);
  for (const auto& [from, to] : pairs) degree[from] += 1;
  const auto count = static_cast<std::int64_t>(pairs.size());
  const Tensor places = at::empty({2, count}, at::kLong), values = at::empty({count}, at::kDouble);
  std::int64_t i = 0;
  for (const auto& [from, to] : pairs) {
    places.data_ptr<std::int64_t>()[i] = from;
    places.data_ptr<std::int64_t>()[count + i] = to;
    values.data_ptr<double>()[i++] = 1 / std::sqrt(degree[from] * degree[to]);
  }
  return at::sparse_coo_tensor(places, values, {graph.nodes, graph.nodes}).coalesce();
}

TemporalGraphNetwork::TemporalGraphNetwork(Layout& layout, const GnnSpec& spec)
    : hidden_(spec.hidden), horizon_(spec.horizon) {
  first_ = layout.dense(node_figures, hidden_);
  second_ = layout.dense(hidden_, hidden_);
  gates_ = layout.dense(node_figures + 2 * hidden_, 2 * hidden_);
  candidate_ = layout.dense(node_figures + 2 * hidden_, hidden_);
  if (spec.attention) {
    attention_[0] = layout.dense(hidden_, hidden_);
    attention_[1] = layout.dense(hidden_, 1);
  }
  head_ = layout.dense(hidden_, node_figures * horizon_, true);
}

Tensor TemporalGraphNetwork::convolve(const Weights& weights, const Tensor& adjacency, const Tensor& figures) const {
  const auto spread = [&](const Tensor& x) { return adjacency.mm(x.reshape({x.size(0), -1})).view(x.sizes()); };
  return second_(weights, spread(first_(weights, spread(figures)).relu())).sigmoid();
}

Tensor TemporalGraphNetwork::operator()(const Weights& weights, const Tensor& adjacency, const Tensor& figures) const {
  const Tensor shown = at::cat({figures, convolve(weights, adjacency, figures)}, 3);
  Tensor state = at::zeros({figures.size(0), figures.size(2), hidden_}, figures.options());
  std::vector<Tensor> states;
  for (std::int64_t time = 0; time < figures.size(1); ++time) {
    const Tensor now = shown.select(1, time);
    const std::vector<Tensor> gates = gates_(weights, at::cat({now, state}, 2)).sigmoid().split(hidden_, 2);
    const Tensor candidate = candidate_(weights, at::cat({now, gates[1] * state}, 2)).tanh();
    state = gates[0] * state + (1 - gates[0]) * candidate;
    states.push_back(state);
  }
  if (attention_[0]) {
    const Tensor all = at::stack(states, 1);
    state = ((*attention_[1])(weights, (*attention_[0])(weights, all)).softmax(1) * all).sum(1);
  }
  return head_(weights, state).view({state.size(0), state.size(1), node_figures, horizon_});
}

double TemporalGraphNetwork::multiply_adds(double nodes, double links, double samples) const {
  const double per_link = static_cast<double>(node_figures + hidden_);
  double per_sample =
      first_.multiply_adds() + second_.multiply_adds() + gates_.multiply_adds() + candidate_.multiply_adds();
  if (attention_[0]) per_sample += attention_[0]->multiply_adds() + attention_[1]->multiply_adds();
  return samples * (nodes * per_sample + (2 * links + nodes) * per_link) + nodes * head_.multiply_adds();
}

Tensor gnn_loss(const TemporalGraphNetwork& network, const Weights& weights, const Tensor& adjacency,
                const Tensor& figures, const Tensor& changes) {
  return (network(weights, adjacency, figures) - changes).square().mean();
}

namespace {

constexpr double longest_gradient = 5;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Running mean and deviation of one quantity (Welford, 1962).
class Statistics {
 public:
  void add(double value) {
    const double off = value - mean_;
    mean_ += off / ++count_;
    squares_ += off * (value - mean_);
  }
  double mean() const { return mean_; }
  /// Standard deviation; 1 for an almost constant quantity, whose normalised value then stays 0.
  double deviation() const {
    const double deviation = count_ > 0 ? std::sqrt(squares_ / count_) : 0;
    return deviation > 1e-6 ? deviation : 1;
  }

 private:
  double count_ = 0, mean_ = 0, squares_ = 0;
};

/// Claim: learns to forecast the CPU and memory of nodes from their own recent past and that of their neighbours.
/// Equation: TemporalGraphNetwork, on samples minus their mean, divided by their deviation, both over all samples so
/// far; gnn_loss on windows drawn from the last `history` samples. Source: CODECO for the models, the inputs, the
/// normalisation and the rule that a missing value is taken to equal the last one [S]; Zhao et al., 2020, and Bai et
/// al., 2021. Widths, window and horizon are ours [I]. Valid for: nodes. CODECO's models do not forecast links: their
/// latency is taken to stay as last measured. Checked by: tests/unit/torch_test.cpp (a linear process whose best
/// forecast is known), tests/torch/gradient_test.cpp.
class Gnn final : public Forecaster {
 public:
  explicit Gnn(const GnnSpec& spec)
      : spec_(spec),
        network_(layout_, spec),
        trainee_(layout_.first_weights(Rng(spec.weights, 0).stream("gnn")), spec.learning_rate, longest_gradient) {}

  void watch(const Graph& graph) override {
    graph_ = graph;
    adjacency_ = normalised_adjacency(graph).to(at::kFloat);
    latency_.assign(graph.links.size(), nan);
  }

  void observe(const Figures& figures) override {
    std::vector<float> row = history_.empty() ? std::vector<float>(graph_.nodes * node_figures) : history_.back();
    for (std::size_t node = 0; node < graph_.nodes; ++node) {
      note(figures.cpu[node], row[node * node_figures], statistics_[0]);
      note(figures.memory[node], row[node * node_figures + 1], statistics_[1]);
    }
    for (std::size_t link = 0; link < latency_.size(); ++link)
      if (!std::isnan(figures.latency[link])) latency_[link] = figures.latency[link];
    history_.push_back(std::move(row));
    if (history_.size() > spec_.history) history_.pop_front();
    ++waiting_;
    ahead_.reset();
  }

  std::uint64_t waiting() const override { return windows() > 0 ? waiting_ : 0; }

  Training train(Rng& rng) override {
    Training training{waiting()};
    if (training.samples == 0) return training;
    const Tensor all = samples(0, history_.size());
    for (std::uint32_t step = 0; step < spec_.steps; ++step) training.loss += improve(all, rng) / spec_.steps;
    training.operations = training_operations(
        network_.multiply_adds(graph_.nodes, static_cast<double>(graph_.links.size()), spec_.window) * spec_.batch *
        spec_.steps);
    waiting_ = 0;
    ahead_.reset();
    return training;
  }

  Figures forecast(std::uint32_t steps) const override {
    Figures figures{std::vector<double>(graph_.nodes), std::vector<double>(graph_.nodes),
                    std::vector<double>(latency_.size())};
    if (history_.empty()) return figures;
    if (!ahead_.defined()) ahead_ = look_ahead();
    const float* change = ahead_.data_ptr<float>();
    for (std::size_t node = 0; node < graph_.nodes; ++node)
      for (std::size_t figure = 0; figure < node_figures; ++figure) {
        const std::size_t place = node * node_figures + figure;
        double expected = history_.back()[place];
        if (steps > 0)
          expected +=
              statistics_[figure].deviation() * change[place * spec_.horizon + std::min(steps, spec_.horizon) - 1];
        (figure == 0 ? figures.cpu : figures.memory)[node] = std::clamp(expected, 0.0, 1.0);
      }
    figures.latency = latency_;
    return figures;
  }

  std::vector<float> parameters() const override { return trainee_.read(); }
  void set_parameters(const std::vector<float>& parameters) override {
    trainee_.write(parameters);
    ahead_.reset();
  }
  std::string shape() const override {
    return std::string(spec_.attention ? "A3T-GCN" : "T-GCN") + ", hidden " + std::to_string(spec_.hidden) +
           ", horizon " + std::to_string(spec_.horizon);
  }

 private:
  static void note(double seen, float& value, Statistics& statistics) {
    if (std::isnan(seen)) return;
    value = static_cast<float>(seen);
    statistics.add(seen);
  }

  /// The number of windows whose following samples are known.
  std::uint64_t windows() const {
    const std::uint64_t needed = spec_.window + std::uint64_t{spec_.horizon};
    return history_.size() >= needed ? history_.size() - needed + 1 : 0;
  }

  Tensor look_ahead() const {
    const std::size_t length = std::min<std::size_t>(spec_.window, history_.size());
    const Tensor past = samples(history_.size() - length, length).unsqueeze(2);
    return network_(layout_.split(trainee_.theta()), adjacency_, past);
  }

  /// `count` samples from index `first` on, normalised: [node, sample in time, figure].
  Tensor samples(std::size_t first, std::size_t count) const {
    const auto from = history_.begin() + static_cast<std::ptrdiff_t>(first);
    const Tensor all = stack({from, from + static_cast<std::ptrdiff_t>(count)});
    const Tensor by_node =
        all.view({static_cast<std::int64_t>(count), graph_.nodes, node_figures}).transpose(0, 1).contiguous();
    for (std::int64_t figure = 0; figure < node_figures; ++figure)
      by_node.select(2, figure).sub_(statistics_[figure].mean()).div_(statistics_[figure].deviation());
    return by_node;
  }

  /// One step of the optimiser on windows of these samples; returns the loss.
  double improve(const Tensor& all, Rng& rng) {
    std::vector<Tensor> figures, changes;
    for (std::uint32_t i = 0; i < spec_.batch; ++i) {
      const auto first = static_cast<std::int64_t>(rng.below(windows()));
      const Tensor past = all.narrow(1, first, spec_.window), last = past.narrow(1, spec_.window - 1, 1);
      figures.push_back(past);
      changes.push_back((all.narrow(1, first + spec_.window, spec_.horizon) - last).transpose(1, 2));
    }
    const Tensor seen = at::stack(figures, 2), moved = at::stack(changes, 1);
    return trainee_.step(
        [&](const Tensor& theta) { return gnn_loss(network_, layout_.split(theta), adjacency_, seen, moved); });
  }

  GnnSpec spec_;
  Layout layout_;
  TemporalGraphNetwork network_;
  AdamOptimizer trainee_;
  Graph graph_;
  Tensor adjacency_;
  Statistics statistics_[node_figures];
  std::deque<std::vector<float>> history_;
  std::vector<double> latency_;
  std::uint64_t waiting_ = 0;
  mutable Tensor ahead_;  ///< Forecast from the last sample on, cached.
};

}  // namespace
}  // namespace codecosim::neural

namespace codecosim {
extern "C" Forecaster* codecosim_make_gnn(const GnnSpec& spec) {
  neural::use_single_thread();
  return new neural::Gnn(spec);
}
}  // namespace codecosim
