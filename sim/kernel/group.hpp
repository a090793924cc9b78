#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sim/base/intrusive_list.hpp"
#include "sim/kernel/process.hpp"

namespace codecosim {

/// Tasks that run concurrently, and whose results one process awaits, in the order in which they end:
/// `group.start(task); ... std::optional<Result> r = co_await group.next();`.
template <class Result>
class Group {
 public:
  /// What becomes of the tasks that still run when their group is destroyed.
  enum class Rest : std::uint8_t { is_cancelled, goes_on };
  explicit Group(Rest rest) : rest_(rest) {}
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;
  ~Group() {
    while (Member* member = members_.first()) {
      members_.remove(*member);
      member->group = nullptr;
    }
    if (rest_ == Rest::is_cancelled)
      for (Process& one : processes_) one.kill();
  }

  /// Starts a task, at once.
  void start(Task<Result> task) { processes_.push_back(run(*this, std::move(task))); }
  /// The number of tasks whose results have not been awaited.
  std::size_t open() const { return members_.size() + ended_.size(); }

  class Next : public Waiter {
   public:
    Next(Group& group, Seconds until) : group_(group), until_(until) {}
    ~Next() {
      if (group_.awaits_ == this) group_.awaits_ = nullptr;
    }
    bool await_ready() const { return !group_.ended_.empty(); }
    void await_suspend(std::coroutine_handle<> caller) {
      caller_ = caller;
      group_.awaits_ = this;
      if (until_ < forever) calendar().at(until_, *this);
    }
    std::optional<Result> await_resume() {
      group_.awaits_ = nullptr;
      if (group_.ended_.empty()) return std::nullopt;
      Result first = std::move(group_.ended_.front());
      group_.ended_.erase(group_.ended_.begin());
      return first;
    }

   private:
    friend class Group;
    Group& group_;
    Seconds until_;
  };
  /// The result of the next task that ends, or has ended and was not awaited; none when that date comes first.
  Next next(Seconds until = forever) { return Next(*this, until); }

 private:
  struct Member : IntrusiveList<Member>::Hook {
    explicit Member(Group& its) : group(&its) { its.members_.append(*this); }
    ~Member() {
      if (this->linked()) group->members_.remove(*this);
    }
    Group* group;
  };
  static Process run(Group& group, Task<Result> task) {
    Member member(group);
    Result result = co_await task;
    if (!member.group) co_return;
    group.members_.remove(member);
    group.end(std::move(result));
  }
  void end(Result result) {
    ended_.push_back(std::move(result));
    if (!awaits_) return;
    if (awaits_->scheduled()) calendar().withdraw(*awaits_);
    calendar().at(now(), *awaits_);
  }

  Rest rest_;
  Next* awaits_ = nullptr;
  IntrusiveList<Member> members_;
  std::vector<Process> processes_;
  std::vector<Result> ended_;
};

}  // namespace codecosim
