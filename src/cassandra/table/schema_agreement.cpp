#include "cassandra/table/schema_agreement.hpp"

#include <algorithm>
#include <exception>
#include <string_view>
#include <utility>

#include "cassandra/session/questions.hpp"
#include "cassandra/session/reachable_nodes.hpp"
#include "cassandra/session/shared_session.hpp"

namespace bytestore::cassandra {
namespace {

constexpr std::string_view kVersions = "SELECT schema_version, release_version FROM system.local";

/// As "5.0", of "5.0.9" or "5.0-rc1".
std::string release_of(std::string_view version) {
  const auto minor = version.find('.');
  if (minor == std::string_view::npos) return std::string(version);
  return std::string(version.substr(0, version.find_first_not_of("0123456789", minor + 1)));
}

}  // namespace

void SchemaAgreement::ask_all() noexcept {
  try {
    const KeepOpen keep_open(use_);
    SharedSession& session = *use_.session;
    auto nodes = reachable_nodes(session.driver());
    std::erase_if(nodes, [&](const Node& node) { return session.loads().is_hanging(node.id); });
    if (nodes.empty()) return finish();
    {
      const std::lock_guard lock(mutex_);
      awaited_ = nodes.size();
      versions_.clear();
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until_ - session.timers().now());
    RequestOptions options;
    options.consistency = Consistency::one;
    options.timeout =
        std::clamp(left, std::chrono::milliseconds{1}, session.settings().attempt_timeout);
    for (const Node& node : nodes) {
      ask_node(use_, node.id, kVersions, options,
               [self = shared_from_this(), id = node.id](const Result<Rows>& result) {
                 self->answered(id, result);
               });
    }
  } catch (const std::exception&) {  // the store is closing, or out of memory
    finish();
  }
}

void SchemaAgreement::answered(const NodeId& node, const Result<Rows>& result) noexcept {
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
  end_round();
}

void SchemaAgreement::end_round() noexcept {
  try {
    const KeepOpen keep_open(use_);
    core::Timers& timers = use_.session->timers();
    if (is_reached()) return finish();
    const auto next = timers.now() + kInterval;
    if (next >= until_) return finish();
    const std::lock_guard lock(mutex_);
    if (!timer_) {
      timer_ = timers.timer([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->ask_all();
      });
    }
    timer_->set(next);
  } catch (const std::exception&) {  // the store is closing, or out of memory or threads
    finish();
  }
}

bool SchemaAgreement::is_reached() const {
  auto made = std::ranges::find(versions_, maker_, &Version::node);
  if (made == versions_.end()) made = versions_.begin();  // it does not answer any more
  if (made == versions_.end()) return false;
  return std::ranges::all_of(versions_, [&](const Version& version) {
    return version.schema == made->schema || version.release != made->release;
  });
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
