#include "cassandra/session/node_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <vector>

#include "cassandra/driver/self_owned.hpp"
#include "cassandra/session/shared_session.hpp"

namespace bytestore::cassandra {
namespace {

/// Some other nodes that requests may go to, whose answers tell that this machine is not cut off.
std::vector<NodeId> witnesses(const SharedSession& session, const std::vector<NodeId>& unheard) {
  constexpr std::size_t kEnough = 2;
  const DriverSession& driver = session.driver();
  std::vector<NodeId> found;
  for (const Node& node : driver.topology("", "", "")->nodes()) {
    if (found.size() == kEnough) break;
    if (!node.connected || node.datacenter != driver.local_datacenter()) continue;
    if (std::ranges::find(unheard, node.id) == unheard.end()) found.push_back(node.id);
  }
  return found;
}

std::string address_of(const SharedSession& session, const NodeId& id) {
  const auto nodes = session.driver().topology("", "", "")->nodes();
  const auto node = std::ranges::find(nodes, id, &Node::id);
  return node == nodes.end() ? "a node" : fmt::format("{}:{}", node->address, node->port);
}

}  // namespace

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
      if (const auto alive = weak.lock()) alive->nodes().look(alive);
    });
  }
  timer_->set(session->timers().now() + kInterval);
}

void NodeWatch::look(const std::shared_ptr<SharedSession>& session) noexcept {
  ReplicaLoads& loads = session->loads();
  try {
    const bool is_active = loads.take_activity();
    auto asked = loads.unheard_since(session->timers().now() - kSuspicious);
    if (!is_active && asked.empty()) {
      is_watching_ = false;
      if (loads.take_activity()) watch(session);  // that was sent meanwhile
      return;
    }
    if (!asked.empty()) std::ranges::copy(witnesses(*session, asked), std::back_inserter(asked));
    for (const NodeId& node : asked) ask(session, node);
    set_timer(session);
  } catch (const std::exception&) {  // out of memory; the next request looks again
    is_watching_ = false;
  }
}

void NodeWatch::ask(const std::shared_ptr<SharedSession>& session, const NodeId& node) {
  if (!begin_question(*session, node)) return;
  ask_once<Rows>([&](RowsSink& sink) { session->driver().ping(node, kPatience, sink); },
                 [weak = std::weak_ptr(session), node](const Result<Rows>& result) {
                   const auto alive = weak.lock();
                   if (alive) alive->nodes().answered(*alive, node, result);
                 });
}

bool NodeWatch::begin_question(SharedSession& session, const NodeId& node) {
  const bool hangs = session.loads().is_hanging(node);
  const auto now = session.timers().now();
  const std::lock_guard lock(mutex_);
  const auto [question, is_first] = questions_.try_emplace(node, Question{.asked_at = now});
  if (is_first) return true;
  const bool is_soon = hangs && now < question->second.asked_at + kAgain;
  if (question->second.is_open || is_soon) return false;
  question->second = {.asked_at = now};
  return true;
}

void NodeWatch::answered(SharedSession& session, const NodeId& node,
                         const Result<Rows>& result) noexcept {
  ReplicaLoads& loads = session.loads();
  Clock::time_point asked_at;
  {
    const std::lock_guard lock(mutex_);
    Question& question = questions_[node];
    question.is_open = false;
    asked_at = question.asked_at;
  }
  try {
    if (ReplicaLoads::ending_of(result) != ReplicaLoads::Outcome::timed_out) {
      return loads.heard(node, session.timers().now());
    }
    if (!loads.another_answered_after(node, asked_at)) return;
    const std::string address = address_of(session, node);
    if (!loads.is_hanging(node)) {
      session.log().report(Event::node_hangs, session.timers().now(), [&] {
        return fmt::format(
            "the node {} does not answer; its requests are made at others until it does", address);
      });
    }
    const DriverError error{
        .code = DriverErrorCode::node_hangs, .message = address, .maybe_sent = true};
    for (NodeRequest* const request : loads.hangs(node)) request->give_up(error);
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): out of memory; then attempts
  }  // end by their timeouts
}

}  // namespace bytestore::cassandra
