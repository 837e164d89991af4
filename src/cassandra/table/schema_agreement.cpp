#include "cassandra/table/schema_agreement.hpp"

#include <algorithm>
#include <charconv>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "cassandra/cql/big_endian.hpp"
#include "cassandra/session/reachable_nodes.hpp"
#include "cassandra/session/shared_session.hpp"
#include "cassandra/table/table_lookup.hpp"

namespace bytestore::cassandra {
namespace {

constexpr std::string_view kVersions = "SELECT schema_version, release_version FROM system.local";

/// As "5.0", of "5.0.9" or "5.0-rc1".
std::string release_of(std::string_view version) {
  const auto minor = version.find('.');
  if (minor == std::string_view::npos) return std::string(version);
  return std::string(version.substr(0, version.find_first_not_of("0123456789", minor + 1)));
}

struct Release {
  int major = 0;
  int minor = 0;

  friend auto operator<=>(const Release&, const Release&) = default;
};

/// None: not a version.
std::optional<Release> parse_release(std::string_view version) {
  Release release;
  const char* begin = std::to_address(version.begin());
  const char* end = std::to_address(version.end());
  const auto major = std::from_chars(begin, end, release.major);
  if (major.ec != std::errc{} || major.ptr == end || *major.ptr != '.') return std::nullopt;
  const auto minor = std::from_chars(major.ptr + 1, end, release.minor);
  if (minor.ec != std::errc{}) return std::nullopt;
  return release;
}

/// A UUID; none: it is not one.
std::optional<NodeId> read_id(std::optional<std::span<const std::byte>> cell) {
  constexpr std::size_t kHalf = sizeof(std::uint64_t);
  if (!cell || cell->size() != 2 * kHalf) return std::nullopt;
  const auto high = read_integer<std::uint64_t>(cell->first(kHalf));
  const auto low = read_integer<std::uint64_t>(cell->last(kHalf));
  if (!high || !low) return std::nullopt;
  return NodeId{.high = *high, .low = *low};
}

void add_releases(const Rows& rows, std::map<NodeId, Release>& releases) {
  for (std::size_t row = 0; row != rows.size(); ++row) {
    const auto id = read_id(rows.cell(row, 0));
    const auto release = parse_release(rows.text(row, 1));
    if (id && release) releases.emplace(*id, *release);
  }
}

/// None where all of `nodes` have the same release, as far as is known.
std::optional<NodeId> oldest_of(const std::vector<Node>& nodes, const Rows& own,
                                const Rows& others) {
  std::map<NodeId, Release> releases;
  add_releases(own, releases);
  add_releases(others, releases);
  std::erase_if(releases, [&](const auto& known) {
    return std::ranges::find(nodes, known.first, &Node::id) == nodes.end();
  });
  if (releases.empty()) return std::nullopt;
  const auto by_release = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto [oldest, newest] = std::ranges::minmax_element(releases, by_release);
  if (oldest->second == newest->second) return std::nullopt;
  return oldest->first;
}

/// Asks the node that the questions go to for the releases of the others, and then for its own.
class ReleaseRequest final : public RowsSink {
 public:
  ReleaseRequest(SessionUse use, std::shared_ptr<Questions> questions,
                 std::chrono::milliseconds timeout, RowsSink& sink)
      : use_(std::move(use)), questions_(std::move(questions)), sink_(sink) {
    options_.consistency = Consistency::one;
    options_.timeout = timeout;
  }

  /// Lives until its last request is done.
  static void start(std::unique_ptr<ReleaseRequest> self) {
    self->ask("SELECT host_id, release_version FROM system.peers");
    static_cast<void>(self.release());  // `done` has it now
  }

  void done(Result<Rows> result) noexcept override {
    std::unique_ptr<ReleaseRequest> self(this);
    const auto questions = questions_;  // while it is asked again, another thread may end all this
    try {
      if (const auto* rows = std::get_if<Rows>(&result); rows != nullptr && rows->size() != 0) {
        if (!others_) {
          others_ = *rows;
          ask("SELECT host_id, release_version FROM system.local");
          static_cast<void>(self.release());
          return;
        }
        const auto nodes = reachable_nodes(use_.session->driver());
        if (const auto oldest = oldest_of(nodes, *rows, *others_)) questions->prefer(*oldest);
      }
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the store is closing, or
    }  // out of memory; then any node is asked
    sink_.done(Rows());
  }

 private:
  void ask(std::string_view cql) { questions_->query(cql, options_, *this); }

  SessionUse use_;
  std::shared_ptr<Questions> questions_;
  RowsSink& sink_;
  RequestOptions options_;
  std::optional<Rows> others_;
};

}  // namespace

void prefer_oldest_node(const SessionUse& use, std::shared_ptr<Questions> questions,
                        std::chrono::milliseconds timeout, RowsSink& sink) {
  ReleaseRequest::start(std::make_unique<ReleaseRequest>(use, std::move(questions), timeout, sink));
}

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
    if (newer.empty()) return finish();
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
  if (is_known) return finish();
  next_round();
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
