#include "cassandra/session/node_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <vector>

#include "cassandra/driver/self_owned.hpp"
#include "cassandra/session/reachable_nodes.hpp"
#include "cassandra/session/shared_session.hpp"

namespace bytestore::cassandra {

void NodeWatch::watch(const std::shared_ptr<SharedSession>& session) noexcept {
  if (is_watching_.load(std::memory_order_relaxed) || is_watching_.exchange(true)) return;
  try {
    set_timer(session);
  } catch (const std::exception&) {  // no thread for timers: then attempts end by their timeouts
    is_watching_ = false;
  }
}

void NodeWatch::set_timer(const std::shared_ptr<SharedSession>& session) {
  const std::lock_guard lock(mutex_);
  if (!timer_) {
    timer_ = session->timers().timer([weak = std::weak_ptr(session)] {
      if (const auto alive = weak.lock()) alive->node_watch().look(alive);
    });
  }
  timer_->set(session->timers().now() + kInterval);
}

void NodeWatch::look(const std::shared_ptr<SharedSession>& session) noexcept {
  ReplicaLoads& loads = session->loads();
  try {
    const bool is_active = loads.take_activity();
    const auto unheard = loads.unheard(session->timers().now(), kSuspicious);
    if (!is_active && unheard.empty()) {
      is_watching_ = false;
      if (loads.take_activity()) watch(session);  // that was sent meanwhile
      return;
    }
    if (!unheard.empty()) ask_all(session, unheard);
    set_timer(session);
  } catch (const std::exception&) {  // out of memory; the next request looks again
    is_watching_ = false;
  }
}

/// Where there is no other node to compare with, nobody is asked.
void NodeWatch::ask_all(const std::shared_ptr<SharedSession>& session,
                        const std::vector<NodeId>& unheard) {
  std::vector<NodeId> others;
  for (const Node& node : reachable_nodes(session->driver())) {
    if (std::ranges::find(unheard, node.id) == unheard.end()) others.push_back(node.id);
  }
  if (others.empty()) return;
  bool is_new = false;
  for (const NodeId& node : unheard) {
    const bool hangs = session->loads().is_hanging(node);
    if (ask(session, node, hangs ? kAgain : std::chrono::milliseconds{0})) is_new |= !hangs;
  }
  if (!is_new) return;
  for (std::size_t i = 0; i < std::min(kWitnesses, others.size()); ++i) {
    ask(session, others[next_witness_++ % others.size()], std::chrono::milliseconds{0});
  }
}

/// Whether it asks: not while it waits for the answer, nor within `interval` of the last question.
bool NodeWatch::ask(const std::shared_ptr<SharedSession>& session, const NodeId& node,
                    std::chrono::milliseconds interval) {
  const auto now = session->timers().now();
  {
    const std::lock_guard lock(mutex_);
    const auto known = questions_.find(node);
    const auto waits = [&](const Question& question) {
      return question.is_open || now < question.asked_at + interval;
    };
    if (known != questions_.end() && waits(known->second)) return false;
    questions_.insert_or_assign(node, Question{.asked_at = now});
  }
  try {
    ask_once<Rows>([&](RowsSink& sink) { session->driver().ping(node, kPatience, sink); },
                   [weak = std::weak_ptr(session), node](const Result<Rows>& result) {
                     const auto alive = weak.lock();
                     if (alive) alive->node_watch().answered(*alive, node, result);
                   });
  } catch (const std::exception&) {  // out of memory
    const std::lock_guard lock(mutex_);
    questions_.erase(node);
    return false;
  }
  return true;
}

void NodeWatch::answered(SharedSession& session, const NodeId& node,
                         const Result<Rows>& result) noexcept {
  ReplicaLoads& loads = session.loads();
  const auto now = session.timers().now();
  Clock::time_point asked_at = now;
  {
    const std::lock_guard lock(mutex_);
    const auto question = questions_.find(node);
    if (question == questions_.end()) return;
    question->second.is_open = false;
    asked_at = question->second.asked_at;
  }
  const auto outcome = ReplicaLoads::ending_of(result);
  try {
    if (outcome == ReplicaLoads::Outcome::answered) return loads.heard(node, now);
    if (outcome == ReplicaLoads::Outcome::other) return loads.lost(node);
    const bool is_known = loads.is_hanging(node);
    const auto given_up = loads.hangs(node, asked_at, now);
    if (!is_known && loads.is_hanging(node)) report(session, node);
    for (NodeRequest* const request : given_up) request->give_up();
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): out of memory; then attempts
  }  // end by their timeouts
}

void NodeWatch::report(const SharedSession& session, const NodeId& id) {
  session.log().report(Event::node_hangs, session.timers().now(), [&] {
    const auto nodes = session.driver().topology("", "", "")->nodes();
    const auto node = std::ranges::find(nodes, id, &Node::id);
    return fmt::format(
        "the node {} does not answer, while others do; its requests are made at others until it "
        "answers; look into its log",
        node == nodes.end() ? "" : address_of(*node));
  });
}

}  // namespace bytestore::cassandra
