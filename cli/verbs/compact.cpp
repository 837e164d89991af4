#include <fmt/format.h>

#include <chrono>

#include "bytestore/open.hpp"
#include "cli/progress.hpp"
#include "cli/text.hpp"
#include "cli/verbs/verbs.hpp"
#ifdef BYTESTORE_ROCKSDB
#include "bytestore/rocksdb_byte_store.hpp"
#endif

namespace bytestore::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// \throws Failure `usage` for a store that has no folder, which it says what to do with.
void require_folder(const std::string& uri) {
  if (local_folder(uri)) return;
  throw Failure(
      ExitCode::usage,
      uri.starts_with("cassandra:")
          ? "compact is for stores in a local folder; the servers of Cassandra free space "
            "by themselves, and nodetool compact KEYSPACE TABLE has one do it now"
          : "compact is for stores in a local folder; this store is in none");
}

#ifdef BYTESTORE_ROCKSDB
/// Shows how far a compaction has come, on a terminal, and not more often than can be seen.
class CompactionLine {
 public:
  explicit CompactionLine(Console& console) : console_(console) {}
  ~CompactionLine() { console_.clear_progress(); }
  CompactionLine(const CompactionLine&) = delete;
  CompactionLine& operator=(const CompactionLine&) = delete;

  void update(const CompactProgress& progress) {
    const auto now = Clock::now();
    if (now < next_) return;
    next_ = now + kRedraw;
    console_.show_progress(fmt::format("compacting, {} of at most {} written, {}",
                                       size_text(progress.bytes_written),
                                       size_text(progress.bytes_before), clock_text(elapsed())));
  }
  [[nodiscard]] Seconds elapsed() const { return Clock::now() - begun_; }

 private:
  Console& console_;
  Clock::time_point begun_ = Clock::now();
  Clock::time_point next_{};
};

CompactResult compact_folder(const Context& context, RocksDBByteStore& store) {
  CompactionLine line(context.console);
  try {
    return store.compact(
        {.on_progress = [&](const CompactProgress& progress) { line.update(progress); },
         .stop = context.interrupt.token()});
  } catch (const Error& error) {
    if (error.code() == ErrorCode::cancelled && context.interrupt.requested()) {
      throw Interrupted("the data is as it was, and what was freed stays free");
    }
    throw;
  }
}
#endif

}  // namespace

ExitCode compact(const Context& context, const CompactArguments& /*arguments*/) {
  require_folder(context.uri);
  const auto store = context.open_existing();
#ifdef BYTESTORE_ROCKSDB
  if (auto* folder = dynamic_cast<RocksDBByteStore*>(store.get())) {
    const auto result = compact_folder(context, *folder);
    folder->close();
    context.console.say(fmt::format("compacted {} to {}", size_text(result.bytes_before),
                                    size_text(result.bytes_after)));
    return ExitCode::done;
  }
#endif
  throw Failure(ExitCode::usage,
                "compact is for stores on RocksDB; a folder of LMDB keeps its size and uses it "
                "again, and mdb_copy -c makes a smaller copy");
}

}  // namespace bytestore::cli
