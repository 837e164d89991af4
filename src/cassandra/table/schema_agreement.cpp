#include "cassandra/table/schema_agreement.hpp"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>

#include "cassandra/session/reachable_nodes.hpp"
#include "cassandra/session/shared_session.hpp"
#include "cassandra/table/release.hpp"
#include "cassandra/table/table_lookup.hpp"
#include "cassandra/table/uuid.hpp"

namespace bytestore::cassandra {
namespace {

constexpr std::string_view kVersions = "SELECT schema_version, release_version FROM system.local";
constexpr std::string_view kVersionsOfOthers =
    "SELECT schema_version, release_version, host_id FROM system.peers";

}  // namespace

SchemaAgreement::SchemaAgreement(SessionUse use, const TableName& table, const NodeId& maker,
                                 Clock::time_point until, Callback done)
    : use_(std::move(use)),
      table_question_(table_question(table.keyspace, table.table)),
      maker_(maker),
      until_(until),
      done_(std::move(done)) {}

void SchemaAgreement::ask_for_versions() noexcept {
  try {
    const KeepOpen keep_open(use_);
    SharedSession& session = *use_.session;
    std::vector<NodeId> asked;
    for (const Node& node : reachable_nodes(session.driver())) {
      if (!session.loads().is_hanging(node.id)) asked.push_back(node.id);
    }
    if (asked.empty()) return finish();
    {
      const std::lock_guard lock(mutex_);
      versions_.clear();
      is_known_ = true;
    }
    ask(asked, std::string(kVersions), &SchemaAgreement::told_version);
  } catch (const std::exception&) {  // the store is closing, or out of memory
    finish();
  }
}

void SchemaAgreement::ask(const std::vector<NodeId>& nodes, const std::string& cql,
                          Answered answered) {
  const SharedSession& session = *use_.session;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until_ - session.timers().now());
  RequestOptions options;
  options.consistency = Consistency::one;
  options.timeout =
      std::clamp(left, std::chrono::milliseconds{1}, session.settings().attempt_timeout);
  {
    const std::lock_guard lock(mutex_);
    awaited_ = nodes.size();
  }
  for (const NodeId& node : nodes) {
    ask_node(use_, node, cql, options,
             [self = shared_from_this(), node, answered](const Result<Rows>& result) {
               (*self.*answered)(node, result);
             });
  }
}

void SchemaAgreement::told_version(const NodeId& node, const Result<Rows>& result) noexcept {
  {
    const std::lock_guard lock(mutex_);
    const auto* rows = std::get_if<Rows>(&result);
    if (rows != nullptr && rows->size() == 1) {
      versions_.push_back({.node = node,
                           .schema = std::string(rows->text(0, 0)),
                           .release = release_of(rows->text(0, 1))});
    }
    if (--awaited_ > 0) return;
  }
  compare_versions();
}

void SchemaAgreement::compare_versions() noexcept {
  try {
    const KeepOpen keep_open(use_);
    auto made = std::ranges::find(versions_, maker_, &Version::node);
    if (made == versions_.end()) made = versions_.begin();  // it does not answer any more
    if (made == versions_.end()) return next_round();
    std::vector<NodeId> newer;
    for (const Version& version : versions_) {
      if (version.release == made->release) {
        if (version.schema != made->schema) return next_round();
      } else if (parse_release(made->release) < parse_release(version.release)) {
        newer.push_back(version.node);
      }
    }
    made_ = *made;
    if (newer.empty()) return ask_for_others();
    ask(newer, table_question_, &SchemaAgreement::told_table);
  } catch (const std::exception&) {  // the store is closing, or out of memory
    finish();
  }
}

void SchemaAgreement::told_table(const NodeId& /*node*/, const Result<Rows>& result) noexcept {
  bool is_known = false;
  {
    const std::lock_guard lock(mutex_);
    const auto* rows = std::get_if<Rows>(&result);
    if (rows != nullptr && rows->size() == 0) is_known_ = false;
    if (--awaited_ > 0) return;
    is_known = is_known_;
  }
  if (!is_known) return next_round();
  try {
    const KeepOpen keep_open(use_);
    ask_for_others();
  } catch (const std::exception&) {  // the store is closing, or out of memory
    finish();
  }
}

void SchemaAgreement::ask_for_others() {
  const DriverSession& driver = use_.session->driver();
  const auto nodes = driver.topology("", "", "")->nodes();
  const bool are_all_here = std::ranges::all_of(
      nodes, [&](const Node& node) { return node.datacenter == driver.local_datacenter(); });
  if (are_all_here) return finish();
  ask({made_.node}, std::string(kVersionsOfOthers), &SchemaAgreement::told_others);
}

void SchemaAgreement::told_others(const NodeId& /*node*/, const Result<Rows>& result) noexcept {
  const auto* rows = std::get_if<Rows>(&result);
  if (rows == nullptr) return next_round();
  try {
    const KeepOpen keep_open(use_);
    const DriverSession& driver = use_.session->driver();
    const auto nodes = driver.topology("", "", "")->nodes();
    for (std::size_t row = 0; row != rows->size(); ++row) {
      if (release_of(rows->text(row, 1)) != made_.release) continue;
      if (rows->text(row, 0) == made_.schema) continue;
      const auto id = read_node_id(rows->cell(row, 2));
      const auto node = id ? std::ranges::find(nodes, *id, &Node::id) : nodes.end();
      if (node != nodes.end() && node->datacenter != driver.local_datacenter()) {
        return next_round();
      }
    }
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the store is closing, or
  }  // out of memory
  finish();
}

void SchemaAgreement::next_round() noexcept {
  try {
    const KeepOpen keep_open(use_);
    core::Timers& timers = use_.session->timers();
    const auto next = timers.now() + kInterval;
    if (next >= until_) return finish();
    const std::lock_guard lock(mutex_);
    if (!timer_) {
      timer_ = timers.timer([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->ask_for_versions();
      });
    }
    timer_->set(next);
  } catch (const std::exception&) {  // the store is closing, or out of memory or threads
    finish();
  }
}

void SchemaAgreement::finish() noexcept {
  Callback done;
  {
    const std::lock_guard lock(mutex_);
    done = std::exchange(done_, nullptr);
  }
  if (done) done();
}

}  // namespace bytestore::cassandra
