#include "models/orchestration/codeco/acm.hpp"

namespace codecosim {

Acm::Acm(const Catalogue& catalogue, Wire& wire, Kubernetes& kubernetes, Hub& hub, const AcmSpec& spec,
         const OcmSpec& ocm, Listener& listener)
    : catalogue_(catalogue),
      wire_(wire),
      kubernetes_(kubernetes),
      hub_(hub),
      spec_(spec),
      ocm_(ocm),
      listener_(listener),
      lives_(catalogue.count()) {
  for (std::uint32_t a = 0; a < catalogue.count(); ++a) users_.emplace_back(1);
}

Task<> Acm::until_sent(ClusterId from, Bytes size) {
  for (;;) {
    Outcome outcome = co_await wire_.send(Plane::desired_state, from, hub_.at(), size);
    if (outcome == Outcome::done) outcome = co_await hub_.serve();
    if (outcome == Outcome::done) co_return;
    co_await delay(resubmit);
  }
}

Task<> Acm::reconcile() {
  const Server::Turn turn = co_await worker_.enter();
  co_await delay(spec_.wait + spec_.reconcile);
}

Bytes Acm::size(ApplicationId id) const {
  return ocm_.manifest * (1 + static_cast<double>(catalogue_.spec(id).components.size()));
}

Task<> Acm::submit_to_hub(ClusterId from, ApplicationId id) {
  const Server::Turn turn = co_await users_[id.index].enter();
  co_await until_sent(from, size(id));
  co_await reconcile();
  co_await kubernetes_.wait_alive(hub_.at());
}

Process Acm::submit(ApplicationId id, ClusterId from) {
  const Seconds wanted = now();
  lives_[id.index] = Life::submitted;
  co_await submit_to_hub(from, id);
  if (life(id) != Life::submitted) co_return;  // deleted meanwhile
  lives_[id.index] = Life::admitted;
  listener_.admitted(id, wanted);
}

Process Acm::remove(ApplicationId id) {
  co_await until_sent(hub_.at(), ocm_.request);
  lives_[id.index] = Life::deleting;
  co_await reconcile();
  listener_.deleting(id);
}

}  // namespace codecosim
