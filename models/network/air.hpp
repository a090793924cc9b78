#pragma once
#include <array>
#include <vector>

#include "models/network/network.hpp"

namespace codecosim {

/// The parts of a link, or of a cell's airtime, that messages of ASSURED and of BESTEFFORT get, where so many of them
/// are there beside so many flows, which have the rest. Equation: docs/models.md, "Links that both transports use".
std::array<double, 2> parts_of_classes(double assured_share, double assured, double effort, double flows);

/// The airtime of a cell in one direction, or in both.
///
/// Claim: messages in the air share the time of their cell as a scheduler of short slots shares it: each class has its
/// weight, assured_share and 1 - assured_share, while both have something to send, and all messages of a class get
/// equal parts of it (processor sharing of airtime); a message needs size / rate of its device. Beside n flows,
/// q messages in the air together have q / (q + n) of it, those of ASSURED at least assured_share, and each flow an
/// equal part of the rest. So the parts never exceed one. Each class has a buffer of its own; a message that finds it
/// full is lost. Valid for: slots much shorter than messages take; a flow that a slower link holds back leaves its part
/// unused. Checked by: tests/physics/air_test.cpp.
class Air : public Activation {
 public:
  Air(Network&, double assured_share, Bytes buffer);

  /// False: it would not fit in the buffer.
  bool enter(Message&, Seconds airtime);
  void remove(Message&);
  /// What these messages still need takes this much longer.
  void stretch(std::uint32_t link, double factor);
  /// Takes all messages of a link out, in the order in which they came.
  std::vector<Message*> take(std::uint32_t link);
  /// A flow of a bearer's way has come, or gone.
  void flow_comes(std::uint32_t bearer, std::uint8_t way);
  void flow_goes(std::uint32_t bearer, std::uint8_t way);
  /// Tells the platform what each flow may have now.
  void share_among_flows();
  void used(Seconds airtime) { used_ += airtime; }
  /// Airtime used until now.
  Seconds used() const;
  /// Counts from now on; what messages in the air have had so far does not.
  void reset();
  /// Airtime that each flow could have had so far, had it been there all the time [s].
  double flow_progress();

 private:
  struct Entry {
    double end;  // of the line's progress
    double airtime;
    std::uint64_t order;
    Message* message;
  };
  struct Line {
    double bytes = 0;
    double progress = 0;         // airtime that each message has got [s]
    std::vector<Entry> entries;  // the next to end is the last
  };
  struct Crossing {
    std::uint32_t bearer;
    std::uint8_t way;
    std::uint32_t flows;
  };
  void settle();
  void plan();
  void insert(Line&, const Entry&);
  double rate(std::size_t line) const;
  /// The parts of the airtime that messages of each class have.
  std::array<double, 2> parts() const;
  double for_flows() const { return std::max(0.0, 1 - parts()[0] - parts()[1]); }
  void done();

  Network& network_;
  double share_;
  double buffer_;
  std::array<Line, 2> lines_;
  std::vector<Crossing> crossings_;
  std::uint32_t flows_ = 0;
  double flow_progress_ = 0;
  Seconds since_, used_;
  std::uint64_t order_ = 0;
  std::size_t due_ = 0;
};

}  // namespace codecosim
