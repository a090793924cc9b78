#include "policies/placement/swm/exact.hpp"

#include <algorithm>
#include <coin/CbcModel.hpp>
#include <coin/CbcStrategy.hpp>
#include <coin/OsiClpSolverInterface.hpp>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

namespace codecosim {
namespace {

constexpr double close_enough = 1e-7;  // least relative improvement

/// A mixed-integer programme: columns with a cost, in [0, 1], and rows of coefficients within bounds.
class Programme {
 public:
  using Terms = std::vector<std::pair<int, double>>;

  int column(double cost, bool integer) {
    costs_.push_back(cost);
    integer_.push_back(integer);
    return static_cast<int>(costs_.size()) - 1;
  }
  void charge(int column, double cost) { costs_[static_cast<std::size_t>(column)] += cost; }
  void row(double low, double high, const Terms& terms) {
    for (const auto& [index, coefficient] : terms) {
      indices_.push_back(index);
      coefficients_.push_back(coefficient);
    }
    starts_.push_back(static_cast<CoinBigIndex>(indices_.size()));
    low_.push_back(low);
    high_.push_back(high);
  }
  /// A capacity constraint on whole numbers, divided by their greatest common divisor, so that rounding cannot break
  /// it.
  void capacity(const std::vector<std::pair<int, std::int64_t>>& terms, std::int64_t most) {
    std::int64_t divisor = 0, sum = 0;
    for (const auto& [index, amount] : terms) {
      divisor = std::gcd(divisor, amount);
      sum += amount;
    }
    if (sum <= most) return;
    Terms scaled;
    for (const auto& [index, amount] : terms) {
      const std::int64_t whole = amount / divisor;
      scaled.emplace_back(index, static_cast<double>(whole));
    }
    const std::int64_t bound = most / divisor;
    row(-COIN_DBL_MAX, static_cast<double>(bound), scaled);
  }

  struct Result {
    std::vector<double> values;  ///< By column; empty: none below the cutoff.
    bool proven = false;
  };
  Result solve(double cutoff, double gap, Seconds limit) const {
    OsiClpSolverInterface relaxation;
    relaxation.messageHandler()->setLogLevel(0);
    relaxation.setHintParam(OsiDoReducePrint, true, OsiHintTry);
    const int columns = static_cast<int>(costs_.size()), rows = static_cast<int>(low_.size());
    const std::vector<double> zero(costs_.size(), 0), one(costs_.size(), 1);
    CoinPackedMatrix matrix(false, columns, rows, static_cast<CoinBigIndex>(indices_.size()), coefficients_.data(),
                            indices_.data(), starts_.data(), nullptr);
    relaxation.loadProblem(matrix, zero.data(), one.data(), costs_.data(), low_.data(), high_.data());
    for (int i = 0; i < columns; ++i)
      if (integer_[static_cast<std::size_t>(i)]) relaxation.setInteger(i);
    CbcModel model(relaxation);
    model.setLogLevel(0);
    model.setUseElapsedTime(true);
    model.setMaximumSeconds(limit.value);
    model.setAllowableGap(0);
    model.setAllowableFractionGap(gap);
    model.setCutoffIncrement(close_enough);
    if (cutoff < COIN_DBL_MAX) model.setCutoff(cutoff);
    CbcStrategyDefault strategy(1, 5, 5, 0);
    strategy.setupPreProcessing(0);
    model.setStrategy(strategy);
    model.branchAndBound();
    Result result;
    if (const double* best = model.bestSolution()) result.values.assign(best, best + columns);
    result.proven = model.isProvenOptimal() || model.isProvenInfeasible();
    return result;
  }

 private:
  std::vector<double> costs_, low_, high_, coefficients_;
  std::vector<bool> integer_;
  std::vector<int> indices_;
  std::vector<CoinBigIndex> starts_{0};
};

/// The programme of a model; `partial`: workloads may be left out, at a price.
class Formulation {
 public:
  Formulation(SwmModel& model, bool partial) : model_(model), partial_(partial) {
    for (const auto& kind : model.kinds()) domains_.push_back(domain(kind));
    for (std::uint32_t w = 0; w < model.workloads(); ++w) {
      if (model.kind(w).fixed) constant_ += model.kind(w).prices[model.kind(w).current];
      if (!model.kind(w).fixed) movable_.push_back(w);
    }
    assign();
    connect();
    for (const auto& [ends, links] : pairs()) couple(ends.first, ends.second, links);
    for (const int column : left_out_)
      if (column >= 0) programme_.charge(column, price_);
    fill_rows();
    fill_media();
    break_symmetry();
  }

  /// empty(): there is nothing to decide. infeasible(): a workload has no allowed row.
  bool empty() const { return movable_.empty(); }
  bool infeasible() const {
    return std::ranges::any_of(movable_, [this](std::uint32_t w) { return cells(w).empty(); });
  }
  /// Upper bound on the number of columns of a programme of this model.
  static std::uint64_t size(const SwmModel& model) {
    std::uint64_t sum = 0;
    std::vector<std::uint64_t> cells(model.components());
    for (std::uint32_t w = 0; w < model.workloads(); ++w) {
      const SwmModel::Kind& kind = model.kind(w);
      if (!kind.fixed) cells[kind.component] += static_cast<std::uint64_t>(std::ranges::count(kind.open, 1));
    }
    for (const std::uint64_t each : cells) sum += each;
    for (const SwmModel::Link& link : model.links()) sum += cells[link.from] * cells[link.to];
    return sum;
  }

  /// Solves for an assignment of lower value than `start`, if there is one.
  ExactAnswer solve(const SwmSolution* start, double gap, Seconds limit) {
    double cutoff = COIN_DBL_MAX;
    if (start && (partial_ || start->unplaced == 0)) {
      const double value = start->value - constant_ - start->unplaced * (model_.price() - price_);
      cutoff = value - close_enough * std::max(1.0, std::abs(value));
    }
    const Programme::Result result = programme_.solve(cutoff, gap, limit);
    ExactAnswer answer{{}, result.proven};
    if (result.values.empty()) return answer;
    const auto chosen = [&](int column) { return result.values[static_cast<std::size_t>(column)] > 0.5; };
    std::vector<std::uint32_t> rows = model_.nowhere();
    for (const std::uint32_t w : movable_)
      for (std::size_t i = 0; i < cells(w).size(); ++i)
        if (chosen(columns_[w][i])) rows[w] = cells(w)[i].row;
    std::vector<Placement::Way> ways;
    for (const auto& [path, column] : paths_)
      if (chosen(column)) ways.push_back({model_.links()[path.link].channel, path.from, path.to, path.path});
    SwmSolution found = model_.evaluate(std::move(rows), ways);
    // Values that CBC accepts as whole numbers may be slightly off.
    if (found.broken > 0) return {};
    if (!start || found.value < start->value) answer.best = std::move(found);
    return answer;
  }

 private:
  struct Cell {
    std::uint32_t row = 0;
    double price = 0;
  };
  struct Path {
    std::uint32_t link = 0, from = 0, to = 0, path = 0;
    auto operator<=>(const Path&) const = default;
  };
  using Ends = std::pair<std::uint32_t, std::uint32_t>;

  static Ends oriented(bool outgoing, std::uint32_t own, std::uint32_t other) {
    return outgoing ? Ends(own, other) : Ends(other, own);
  }
  const std::vector<Cell>& cells(std::uint32_t workload) const { return domains_[model_.kind_of(workload)]; }

  /// The rows allowed for workloads of a kind, by their own constraints and those with settled replicas.
  std::vector<Cell> domain(const SwmModel::Kind& kind) {
    std::vector<Cell> all;
    for (std::uint32_t row = 0; row < kind.open.size(); ++row) {
      if (kind.fixed || !kind.open[row]) continue;
      double price = kind.prices[row];
      for (const SwmModel::Side& side : model_.sides(kind.component))
        for (const SwmModel::Ends& end : settled(side)) {
          const auto [from, to] = oriented(side.outgoing, row, end.row);
          const SwmModel::Way way = model_.nearest(model_.links()[side.link], from, to);
          if (!way.scarce) price += way.price * end.count;  // scarce ones pay by path
        }
      if (price < SwmModel::out_of_reach) all.push_back({row, price});
    }
    return all;
  }
  const std::vector<SwmModel::Ends>& settled(const SwmModel::Side& side) const {
    const SwmModel::Link& link = model_.links()[side.link];
    return model_.settled(side.outgoing ? link.to : link.from);
  }

  /// Constrains each workload to one row, or to be left out.
  void assign() {
    columns_.resize(model_.workloads());
    left_out_.assign(model_.workloads(), -1);
    for (const std::uint32_t w : movable_) {
      Programme::Terms terms;
      double most = 0, least = 0;
      for (const Cell& cell : cells(w)) {
        columns_[w].push_back(programme_.column(cell.price, true));
        terms.emplace_back(columns_[w].back(), 1);
        most = std::max(most, cell.price);
        least = std::min(least, cell.price);
      }
      price_ += most - least;
      if (partial_) terms.emplace_back(left_out_[w] = programme_.column(0, true), 1);
      programme_.row(1, 1, terms);
    }
  }

  /// Adds the channels to settled replicas over scarce media.
  void connect() {
    for (const std::uint32_t w : movable_)
      for (const SwmModel::Side& side : model_.sides(model_.kind(w).component))
        for (const SwmModel::Ends& end : settled(side))
          for (std::size_t i = 0; i < cells(w).size(); ++i) {
            const auto [from, to] = oriented(side.outgoing, cells(w)[i].row, end.row);
            if (model_.nearest(model_.links()[side.link], from, to).scarce)
              cross(side.link, from, to, end.count, columns_[w][i]);
          }
  }

  /// Pairs of workloads with channels between them, and these channels.
  std::map<Ends, std::vector<SwmModel::Side>> pairs() const {
    std::map<Ends, std::vector<SwmModel::Side>> all;
    for (std::uint32_t l = 0; l < model_.links().size(); ++l)
      for (const std::uint32_t a : movable_)
        for (const std::uint32_t b : movable_)
          if (model_.kind(a).component == model_.links()[l].from && model_.kind(b).component == model_.links()[l].to)
            all[{std::min(a, b), std::max(a, b)}].push_back({l, a < b});
    return all;
  }

  /// Adds a column for each product of two assignments; its sum over the rows of one is the assignment of the other.
  void couple(std::uint32_t a, std::uint32_t b, const std::vector<SwmModel::Side>& sides) {
    struct Product {
      std::size_t i = 0, j = 0;
      double price = 0;
      bool scarce = false;
    };
    std::vector<Product> products;
    double most = 0;
    bool matters = false;
    for (std::size_t i = 0; i < cells(a).size(); ++i)
      for (std::size_t j = 0; j < cells(b).size(); ++j) {
        Product product{i, j};
        for (const SwmModel::Side& side : sides) {
          const auto [from, to] = oriented(side.outgoing, cells(a)[i].row, cells(b)[j].row);
          const SwmModel::Way way = model_.nearest(model_.links()[side.link], from, to);
          if (way.scarce)
            product.scarce = true;
          else
            product.price += way.price;
        }
        matters = matters || product.price > 0 || product.scarce;
        if (product.price == SwmModel::out_of_reach) continue;
        most = std::max(most, product.price);
        products.push_back(product);
      }
    if (!matters) return;
    price_ += most;
    std::vector<Programme::Terms> of_a(cells(a).size()), of_b(cells(b).size());
    for (const Product& product : products) {
      const int column = programme_.column(product.price, false);
      of_a[product.i].emplace_back(column, 1);
      of_b[product.j].emplace_back(column, 1);
      if (!product.scarce) continue;
      for (const SwmModel::Side& side : sides) {
        const auto [from, to] = oriented(side.outgoing, cells(a)[product.i].row, cells(b)[product.j].row);
        if (model_.nearest(model_.links()[side.link], from, to).scarce) cross(side.link, from, to, 1, column);
      }
    }
    if (partial_) couple_left_out(a, b, of_a, of_b);
    for (std::size_t i = 0; i < of_a.size(); ++i) {
      of_a[i].emplace_back(columns_[a][i], -1);
      programme_.row(0, 0, of_a[i]);
    }
    for (std::size_t j = 0; j < of_b.size(); ++j) {
      of_b[j].emplace_back(columns_[b][j], -1);
      programme_.row(0, 0, of_b[j]);
    }
  }
  /// Adds the products where one or both workloads are left out.
  void couple_left_out(std::uint32_t a, std::uint32_t b, std::vector<Programme::Terms>& of_a,
                       std::vector<Programme::Terms>& of_b) {
    const int both = programme_.column(0, false);
    Programme::Terms no_a{{both, 1}, {left_out_[a], -1}}, no_b{{both, 1}, {left_out_[b], -1}};
    for (Programme::Terms& terms : of_a) {
      terms.emplace_back(programme_.column(0, false), 1);
      no_b.push_back(terms.back());
    }
    for (Programme::Terms& terms : of_b) {
      terms.emplace_back(programme_.column(0, false), 1);
      no_a.push_back(terms.back());
    }
    programme_.row(0, 0, no_a);
    programme_.row(0, 0, no_b);
  }

  /// Adds the price of a channel between two rows to a product (or an assignment), on one of the paths chosen for it.
  void cross(std::uint32_t link, std::uint32_t from, std::uint32_t to, double ends, int product) {
    const std::vector<SwmModel::Way> ways = model_.ways(model_.links()[link], from, to);
    price_ += ways.back().price * ends;
    if (ways.size() == 1) {
      programme_.charge(product, ways.front().price * ends);
      programme_.row(-COIN_DBL_MAX, 0, {{product, 1}, {path(link, from, to, ways.front(), false), -1}});
      return;
    }
    Programme::Terms shares{{product, -1}};
    for (const SwmModel::Way& way : ways) {
      const int share = programme_.column(way.price * ends, false);
      shares.emplace_back(share, 1);
      if (way.scarce) programme_.row(-COIN_DBL_MAX, 0, {{share, 1}, {path(link, from, to, way, true), -1}});
    }
    programme_.row(0, 0, shares);
  }
  int path(std::uint32_t link, std::uint32_t from, std::uint32_t to, const SwmModel::Way& way, bool choice) {
    const auto [it, fresh] = paths_.try_emplace({link, from, to, way.path}, 0);
    if (fresh) it->second = programme_.column(0, choice);
    return it->second;
  }

  void fill_rows() {
    for (std::uint32_t row = 0; row < model_.rows(); ++row) {
      std::vector<std::pair<int, std::int64_t>> cpu, memory, pods;
      for (const std::uint32_t w : movable_)
        for (std::size_t i = 0; i < cells(w).size(); ++i) {
          const SwmModel::Kind& kind = model_.kind(w);
          if (cells(w)[i].row != row || kind.current == row) continue;
          if (kind.demand.millicores > 0) cpu.emplace_back(columns_[w][i], kind.demand.millicores);
          if (kind.demand.bytes > 0) memory.emplace_back(columns_[w][i], kind.demand.bytes);
          pods.emplace_back(columns_[w][i], 1);
        }
      const SwmModel::Room& room = model_.rooms()[row];
      programme_.capacity(cpu, room.millicores);
      programme_.capacity(memory, room.bytes);
      programme_.capacity(pods, room.pods);
    }
  }

  void fill_media() {
    std::vector<std::vector<std::pair<int, std::int64_t>>> crossing(model_.media().size());
    for (const auto& [path, column] : paths_)
      for (const std::uint32_t m : model_.media_of(path.from, path.to, path.path))
        crossing[m].emplace_back(column, model_.links()[path.link].bits);
    for (std::size_t m = 0; m < crossing.size(); ++m) programme_.capacity(crossing[m], model_.media()[m]);
  }

  /// Workloads of one kind take rows in their order, since swapping them changes nothing.
  void break_symmetry() {
    std::map<std::uint32_t, std::uint32_t> last;
    for (const std::uint32_t w : movable_) {
      const auto [it, first] = last.try_emplace(model_.kind_of(w), w);
      const std::uint32_t before = std::exchange(it->second, w);
      if (first) continue;
      Programme::Terms terms;
      for (std::size_t i = 0; i < cells(w).size(); ++i) {
        terms.emplace_back(columns_[before][i], static_cast<double>(i + 1));
        terms.emplace_back(columns_[w][i], -static_cast<double>(i + 1));
      }
      const double out = static_cast<double>(cells(w).size() + 1);
      if (partial_) {
        terms.emplace_back(left_out_[before], out);
        terms.emplace_back(left_out_[w], -out);
      }
      programme_.row(-COIN_DBL_MAX, 0, terms);
    }
  }

  SwmModel& model_;
  bool partial_;
  Programme programme_;
  double constant_ = 0, price_ = 1;         // cost of fixed workloads; penalty of a workload left out
  std::vector<std::vector<Cell>> domains_;  // by kind
  std::vector<std::uint32_t> movable_;
  std::vector<std::vector<int>> columns_;  // by workload and cell
  std::vector<int> left_out_;              // by workload
  std::map<Path, int> paths_;
};

}  // namespace

static ExactAnswer solve(SwmModel& model, const SwmSolution* start, Deadline& deadline, double gap) {
  if (Formulation::size(model) > exact_columns || deadline.left() <= Seconds(0)) return {};
  Formulation all(model, false);
  if (all.empty()) return {{}, true};
  ExactAnswer answer{{}, true};
  if (!all.infeasible()) answer = all.solve(start, gap, deadline.left());
  const bool complete = answer.best || (start && start->unplaced == 0);
  if (complete || !answer.proven || deadline.left() <= Seconds(0)) return answer;
  return Formulation(model, true).solve(start, gap, deadline.left());
}

extern "C" void codecosim_solve_exactly(SwmModel& model, const SwmSolution* start, Deadline& deadline, double gap,
                                        ExactAnswer& answer) {
  answer = solve(model, start, deadline, gap);
}

}  // namespace codecosim
