#include "cassandra/table/oldest_node.hpp"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "cassandra/session/reachable_nodes.hpp"
#include "cassandra/session/shared_session.hpp"
#include "cassandra/table/release.hpp"
#include "cassandra/table/uuid.hpp"

namespace bytestore::cassandra {
namespace {

void add_releases(const Rows& rows, std::map<NodeId, Release>& releases) {
  for (std::size_t row = 0; row != rows.size(); ++row) {
    const auto id = read_node_id(rows.cell(row, 0));
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

}  // namespace bytestore::cassandra
