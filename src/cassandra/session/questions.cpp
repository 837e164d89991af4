#include "cassandra/session/questions.hpp"

#include <algorithm>
#include <exception>
#include <span>
#include <utility>
#include <vector>

#include "cassandra/policy/error_policy.hpp"
#include "cassandra/session/node_request.hpp"
#include "cassandra/session/reachable_nodes.hpp"
#include "cassandra/session/shared_session.hpp"

namespace bytestore::cassandra {
namespace {

class Question final : public NodeRequest {
 public:
  Question(const SessionUse& use, bool may_be_given_up, Answered answered)
      : NodeRequest(KeepOpen(use), use.session, may_be_given_up), answered_(std::move(answered)) {}

  /// `options.replicas` were chosen by the loads of the session.
  static void ask(std::unique_ptr<Question> question, std::string_view cql,
                  const RequestOptions& options) noexcept {
    Question& asked = *question;
    const auto session = asked.shared_session();
    give_to_driver(std::move(question), [&] {
      std::optional<NodeId> chosen;
      if (!options.replicas.empty()) chosen = options.replicas.front();
      asked.sent_to(chosen, session->timers().now());
      session->driver().query(cql, options, asked);
    });
  }

 private:
  void ended(Result<Rows> result) noexcept override {
    std::exchange(answered_, nullptr)(std::move(result));
  }

  Answered answered_;
};

bool is_final(const Result<Rows>& result, bool is_change) noexcept {
  const auto* error = std::get_if<DriverError>(&result);
  if (error == nullptr || (is_change && error->code == DriverErrorCode::server)) return true;
  return is_of_server(error->code) && !classify(*error, Effect::read).retry;
}

}  // namespace

void ask_node(const SessionUse& use, const NodeId& node, std::string_view cql,
              const RequestOptions& options, Answered answered) {
  auto question = std::make_unique<Question>(use, true, std::move(answered));
  NodeId only = node;
  use.session->loads().choose({&only, 1}, 0, {}, use.session->timers().now());
  RequestOptions at_node = options;
  at_node.replicas = {&only, 1};
  at_node.others_may_serve = false;
  Question::ask(std::move(question), cql, at_node);
}

void Questions::query(std::string_view cql, const RequestOptions& options, RowsSink& sink) {
  if (auto answer = known(cql)) return sink.done(std::move(*answer));
  ask(cql, options, true, sink);
}

void Questions::change(std::string_view cql, const RequestOptions& options, RowsSink& sink) {
  ask(cql, options, false, sink);
}

void Questions::ask(std::string_view cql, const RequestOptions& options, bool may_be_given_up,
                    RowsSink& sink) {
  auto question = std::make_unique<Question>(
      use_, may_be_given_up,
      [memory = memory_, text = std::string(cql), may_be_given_up, &sink](Result<Rows> result) {
        note(*memory, text, result, is_final(result, !may_be_given_up));
        sink.done(std::move(result));
      });
  const auto nodes = choose();
  RequestOptions chosen = options;
  chosen.replicas = nodes;
  Question::ask(std::move(question), cql, chosen);
}

std::optional<Result<Rows>> Questions::known(std::string_view cql) {
  const std::lock_guard lock(memory_->mutex);
  const auto found = memory_->answers.find(cql);
  if (found == memory_->answers.end()) return std::nullopt;
  return found->second;
}

/// The node to be asked first, then those that may be asked where there is no connection to it.
std::vector<NodeId> Questions::choose() {
  SharedSession& session = *use_.session;
  std::vector<NodeId> nodes;
  for (const Node& node : reachable_nodes(session.driver())) nodes.push_back(node.id);
  if (nodes.empty()) return nodes;
  const std::lock_guard lock(memory_->mutex);
  std::span<NodeId> candidates(nodes);
  const auto last = memory_->node ? std::ranges::find(nodes, *memory_->node) : nodes.end();
  if (last != nodes.end() && !memory_->has_failed && !session.loads().is_hanging(*last)) {
    std::iter_swap(nodes.begin(), last);
    candidates = candidates.first(1);
  }
  const auto avoided = memory_->has_failed ? memory_->node : std::nullopt;
  session.loads().choose(candidates, memory_->asked++, avoided, session.timers().now());
  memory_->node = nodes.front();
  return nodes;
}

void Questions::note(Memory& memory, const std::string& cql, const Result<Rows>& result,
                     bool is_final) noexcept {
  const std::lock_guard lock(memory.mutex);
  memory.has_failed = !is_final;
  if (memory.has_failed) return;
  try {
    memory.answers.insert_or_assign(cql, result);
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): out of memory; then it is
  }  // asked again
}

void Questions::forget() {
  const std::lock_guard lock(memory_->mutex);
  memory_->answers.clear();
}

void Questions::prefer(const NodeId& node) {
  const std::lock_guard lock(memory_->mutex);
  memory_->node = node;
  memory_->has_failed = false;
}

std::optional<NodeId> Questions::node() const {
  const std::lock_guard lock(memory_->mutex);
  return memory_->node;
}

}  // namespace bytestore::cassandra
