#include "sim/kernel/calendar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "sim/kernel/process.hpp"

namespace codecosim {

Calendar::Calendar() {
  ensure(detail::current == nullptr, "there is one simulation in a process");
  detail::current = this;
}

Calendar::~Calendar() { detail::current = nullptr; }

void Calendar::run_first() {
  const Event event = queue_.front();
  queue_.pop();
  const auto slot = static_cast<std::uint32_t>(event.key() & slot_mask);
  Activation* waiter = slots_[slot];
  free_.push_back(slot);
  // The next waiter is most likely cold: fetch it while this one runs.
  if (!queue_.empty()) __builtin_prefetch(slots_[queue_.front().key() & slot_mask]);
  if (waiter == nullptr) {
    --withdrawn_;
    return;
  }
  waiter->slot_ = Activation::nowhere;
  now_ = event.date();
  if (++events_ == attend_at_ && attend(*waiter)) [[unlikely]]
    return;
  waiter->fire_(*waiter);
}

bool Calendar::attend(Activation& waiter) {
  if (events_ % pulse_every == 0) pulse();
  attend_at_ = multiple_after(events_, pulse_every);
  if (!profile_) return false;
  attend_at_ = std::min(attend_at_, multiple_after(events_, Profile::stride));
  if (events_ % Profile::stride != 0) return false;
  const char* const kind = kind_of(waiter);
  const auto begin = Profile::Clock::now();
  waiter.fire_(waiter);
  profile_->add_event(kind, Profile::Clock::now() - begin);
  return true;
}

void Calendar::start_profile() {
  profile_ = std::make_unique<Profile>();
  attend_at_ = std::min(attend_at_, multiple_after(events_, Profile::stride));
}

void Calendar::name_kind(Activation::Fire fire, const char* kind) {
  for (const auto& [known, unused] : kinds_)
    if (known == fire) return;
  kinds_.emplace_back(fire, kind);
}

const char* Calendar::kind_of(const Activation& waiter) const {
  for (const auto& [fire, kind] : kinds_)
    if (fire == waiter.fire_) return kind;
  return waiter.fire_ == &Waiter::resume ? static_cast<const Waiter&>(waiter).owner() : "other";
}

void Calendar::pulse() {
  pulses_ = now_ == pulse_at_ ? pulses_ + 1 : 0;
  pulse_at_ = now_;
  if (pulses_ * pulse_every >= most_at_one_date_) return fail(livelock("events were"));
  if (pulse_) pulse_();
}

namespace {
/// The name in a signature such as "void codecosim::Datasets::update(...)", without type and parameters. A function may
/// be local to another one, whose parameters come first.
std::string name_of(const std::string& function) {
  std::size_t end = std::string::npos;
  int depth = 0;
  for (std::size_t i = 0; i < function.size(); ++i) {
    if (function[i] == '(' && depth++ == 0) end = i;
    if (function[i] == ')' && --depth == 0 && function.compare(i + 1, 2, "::") != 0) break;
  }
  const std::string named = function.substr(0, end);
  return named.substr(named.rfind(' ') + 1);
}
}  // namespace

void Calendar::count_zero_wait(const std::source_location& who) {
  still_ = now_ == still_since_ ? still_ + 1 : 0;
  still_since_ = now_;
  if (still_ >= most_at_one_date_)
    std::rethrow_exception(livelock("waits in " + name_of(who.function_name()) + " were"));
}

std::exception_ptr Calendar::livelock(const std::string& what) const {
  return std::make_exception_ptr(Error(
      Failure::model,
      fmt::format("simulated time stands still: {} {} at {} s; something is to happen again and again after less than "
                  "can be told apart then, a period or a rate",
                  most_at_one_date_, what, now_)));
}

double Calendar::next(double limit, bool turns) {
  turns = turns && !run_ahead_;
  const std::uint64_t until = turns ? events_ + 1 : std::numeric_limits<std::uint64_t>::max();
  while (!queue_.empty() && queue_.front().date() < limit && queue_.front().date() <= end_ &&
         !(queue_.front().key() & engine_bit) && events_ < until)
    run_first();
  if (end_ < 0 || queue_.empty() || queue_.front().date() > end_) return std::numeric_limits<double>::infinity();
  // Without run-ahead the engine takes a turn, at its own date, before the next event runs.
  if (turns && events_ == until && queue_.front().date() < limit && !(queue_.front().key() & engine_bit)) return -1;
  return queue_.front().date();
}

void Calendar::due(double date) {
  while (!queue_.empty() && queue_.front().date() <= date && queue_.front().date() <= end_) run_first();
}

void Calendar::run(Seconds horizon) {
  // A process that was started before may have failed at once.
  if (failure_) std::rethrow_exception(failure_);
  end_ = horizon.value;
  if (driver)
    driver(horizon.value);
  else
    due(horizon.value);
  if (failure_) std::rethrow_exception(failure_);
  if (!stopped()) now_ = std::max(now_, horizon.value);
}

void Calendar::fail(std::exception_ptr failure) {
  if (!failure_) failure_ = std::move(failure);
  stop();
}

void Calendar::grow() {
  const std::size_t old = slots_.size(), size = std::max<std::size_t>(1024, 2 * old);
  ensure(size <= slot_mask + 1, "more than 16 million events are scheduled at once");
  slots_.resize(size);
  free_.reserve(size);
  for (std::size_t slot = size; slot > old; --slot) free_.push_back(static_cast<std::uint32_t>(slot - 1));
}

std::vector<Activation*> Calendar::waiting(Activation::Fire kind) const {
  std::vector<Event> events;
  queue_.for_each([&](const Event& event) {
    const Activation* const waiter = slots_[event.key() & slot_mask];
    if (waiter && waiter->fire_ == kind) events.push_back(event);
  });
  std::sort(events.begin(), events.end());
  std::vector<Activation*> all;
  for (const Event& event : events) all.push_back(slots_[event.key() & slot_mask]);
  return all;
}

void Calendar::compact() {
  queue_.erase_if([this](const Event& event) {
    const auto slot = static_cast<std::uint32_t>(event.key() & slot_mask);
    if (slots_[slot] != nullptr) return false;
    free_.push_back(slot);
    return true;
  });
  withdrawn_ = 0;
}

void Calendar::past(double when) const {
  ensure(false, fmt::format("an event was scheduled for {} s, but it is {} s", when, now_).c_str());
  std::abort();
}

void Calendar::twice() {
  ensure(false, "a waiter was scheduled twice");
  std::abort();
}

}  // namespace codecosim
