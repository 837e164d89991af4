#include <utility>

#include "cassandra/calls/batch_binding.hpp"

namespace bytestore::cassandra {
namespace {

/// What a server counts for a row of a batch beside its value, rounded up: timestamp, deletion time
/// and lengths.
constexpr std::size_t kRowBytes = 64;

/// Only the last of several entries for one key is sent: they would have equal timestamps, and then
/// the server keeps the larger value.
class MsetBinding final : public BatchBinding {
 public:
  MsetBinding(Table& table, std::span<const EntryRef> entries, core::Sink<core::WriteResult>& sink)
      : BatchBinding({.verb = Verb::mset,
                      .effect = Effect::write,
                      .keep = UniqueKeys::Keep::last,
                      .operation = "writing"}),
        table_(table),
        entries_(entries),
        sink_(sink) {}

  [[nodiscard]] std::size_t size() const noexcept override { return entries_.size(); }
  [[nodiscard]] std::string_view key(std::size_t position) const noexcept override {
    return entries_[position].key;
  }

  [[nodiscard]] RequestGroups::Limits limits() const noexcept override {
    const GroupSettings& groups = table_.settings().groups;
    return {.keys = groups.write_rows, .bytes = groups.write_bytes};
  }
  [[nodiscard]] std::size_t request_bytes(std::size_t position) const noexcept override {
    return entries_[position].key.size() + entries_[position].value.size() + kRowBytes;
  }

  void execute(DriverSession& driver, const Executed& executed, Positions positions,
               const RequestOptions& options, RowsSink& sink) const override {
    std::vector<Value> values;
    values.reserve((executed.timestamp ? 3 : 2) * positions.size());
    for (const std::size_t position : positions) {
      values.emplace_back(entries_[position].key);
      values.emplace_back(entries_[position].value);
      if (executed.timestamp) values.emplace_back(*executed.timestamp);
    }
    if (positions.size() == 1) return driver.execute(executed.statement, values, options, sink);
    driver.execute_batch(executed.statement, values, options, sink);
  }

  void learn(Positions positions, const Taken& /*taken*/) noexcept override {
    std::size_t bytes = 0;
    for (const std::size_t position : positions) bytes += entries_[position].value.size();
    table_.answer_sizes().written(bytes, positions.size());
  }

  void complete(const UniqueKeys& /*keys*/, std::vector<KeyFailure> failures,
                std::optional<Error> error) noexcept override {
    sink_.done({.failures = std::move(failures), .error = std::move(error)});
  }

 private:
  Table& table_;
  std::span<const EntryRef> entries_;
  core::Sink<core::WriteResult>& sink_;
};

}  // namespace

std::unique_ptr<BatchBinding> bind_mset(Table& table, std::span<const EntryRef> entries,
                                        core::Sink<core::WriteResult>& sink) {
  return std::make_unique<MsetBinding>(table, entries, sink);
}

}  // namespace bytestore::cassandra
