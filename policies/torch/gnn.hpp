#pragma once
#include "policies/learning/neural.hpp"
#include "policies/torch/network.hpp"

namespace codecosim::neural {

/// Number of quantities forecast per node: the shares of its cores and of its memory.
inline constexpr std::int64_t node_figures = 2;

/// D^-1/2 (A + I) D^-1/2 of a graph, sparse, in double precision (Kipf and Welling: "Semi-supervised classification
/// with graph convolutional networks", 2017). Links count once, and in both directions.
Tensor normalised_adjacency(const Forecaster::Graph& graph);

/// The network: for each sample in time, two graph convolutions and a gated recurrent unit (T-GCN, equations 2 to 6);
/// then the last state, or the mean of all states by attention (A3T-GCN, equations 8 to 10), gives the change of each
/// quantity of a node from its present value. Ours [I]: the node's own sample enters the unit beside the convolution,
/// which mixes it with its neighbours'; the change is forecast instead of the value, by a layer that starts at zero, so
/// that training starts from persistence.
class TemporalGraphNetwork {
 public:
  TemporalGraphNetwork(Layout& layout, const GnnSpec& spec);
  /// [node, window, figure, step ahead] from [node, sample in time, window, figure].
  Tensor operator()(const Weights& weights, const Tensor& adjacency, const Tensor& figures) const;
  double multiply_adds(double nodes, double links, double samples) const;  ///< Multiply-adds of one window.

 private:
  Tensor convolve(const Weights& weights, const Tensor& adjacency, const Tensor& figures) const;
  std::int64_t hidden_, horizon_;
  Dense first_, second_, gates_, candidate_;
  std::optional<Dense> attention_[2];
  Dense head_;
};

/// Mean square error of the forecast change, over nodes, windows, figures and steps ahead.
Tensor gnn_loss(const TemporalGraphNetwork& network, const Weights& weights, const Tensor& adjacency,
                const Tensor& figures, const Tensor& changes);

}  // namespace codecosim::neural
