#include "cassandra/calls/calls.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "cassandra/calls/batch_call.hpp"

namespace bytestore::cassandra {
namespace {

constexpr std::size_t kAnyBytes = std::numeric_limits<std::size_t>::max();
constexpr RequestGroups::Limits kOneKey{.keys = 1, .bytes = kAnyBytes};

/// Keys of the first reads of a table, whose values may be large, and what each of them is taken to
/// have in the window.
constexpr std::size_t kColdReadKeys = 2;
constexpr std::size_t kColdAnswerBytes = std::size_t{1} << 20;

/// What a server counts for a row of a batch beside its value, rounded up: timestamp, deletion time
/// and lengths.
constexpr std::size_t kRowBytes = 64;

/// The keys at `positions` as the list that a group statement binds.
class KeyList {
 public:
  template <typename KeyOf>
  KeyList(std::span<const std::size_t> positions, const KeyOf& key_of) {
    keys_.reserve(positions.size());
    for (const std::size_t position : positions) keys_.push_back(key_of(position));
  }

  [[nodiscard]] Value value() const noexcept { return std::span<const std::string_view>(keys_); }

 private:
  std::vector<std::string_view> keys_;
};

class MgetBatch final : public BatchCall {
 public:
  MgetBatch(std::shared_ptr<Table> table, std::span<const std::string_view> keys,
            core::Sink<core::ReadResult>& sink)
      : BatchCall(std::move(table),
                  {keys.size(), UniqueKeys::Keep::first, [&](std::size_t i) { return keys[i]; }},
                  Effect::read, &TableCounters::mget),
        asked_(keys),
        values_(keys.size()),
        sink_(sink) {}

 private:
  [[nodiscard]] LazyStatement& statement() const noexcept override { return table().select(); }
  [[nodiscard]] LazyStatement& group_statement() const noexcept override {
    return table().select_group();
  }
  [[nodiscard]] std::string_view operation() const noexcept override { return "reading"; }
  [[nodiscard]] std::string_view key(std::size_t position) const noexcept override {
    return asked_[position];
  }

  [[nodiscard]] RequestGroups::Limits limits() const noexcept override {
    const GroupSettings& groups = table().settings().groups;
    if (!groups.by_replicas) return kOneKey;
    return {.keys = table().answer_sizes().keys_for(groups.answer_bytes, groups.read_keys,
                                                    kColdReadKeys),
            .bytes = kAnyBytes};
  }
  [[nodiscard]] std::size_t request_bytes(std::size_t position) const noexcept override {
    return asked_[position].size();
  }
  [[nodiscard]] std::size_t answer_bytes() const noexcept override {
    return table().answer_sizes().mean(kColdAnswerBytes);
  }

  void execute(const Statement& statement, std::span<const std::size_t> positions,
               const RequestOptions& options, RowsSink& sink) const override {
    DriverSession& driver = table().access().session->driver();
    if (positions.size() == 1) {
      const std::array<Value, 1> values{asked_[positions.front()]};
      return driver.execute(statement, values, options, sink);
    }
    const KeyList keys(positions, [&](std::size_t position) { return asked_[position]; });
    const auto count = static_cast<std::int32_t>(positions.size());
    const std::array<Value, 2> values{keys.value(), count};
    RequestOptions paged = options;
    paged.page_size = count;
    driver.execute(statement, values, paged, sink);
  }

  Taken take_rows(std::span<const std::size_t> positions, const Rows& rows) noexcept override {
    Taken taken;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const bool single = positions.size() == 1;
      auto value = rows.value(row, single ? 0 : 1);
      if (!value) continue;
      taken.bytes += value->size();
      ++taken.values;
      const auto found = single ? positions.begin()
                                : std::ranges::find(positions, rows.text(row, 0),
                                                    [&](std::size_t i) { return asked_[i]; });
      if (found != positions.end()) values_[*found] = std::move(value);
    }
    return taken;
  }
  void learn(std::span<const std::size_t> positions, const Taken& taken) noexcept override {
    const std::size_t values = std::min(taken.values, positions.size());
    table().answer_sizes().read(taken.bytes, values, positions.size());
  }

  void complete(std::vector<KeyFailure> failures, std::optional<Error> error) noexcept override {
    for (const auto& [position, twin] : keys().duplicates()) values_[twin] = values_[position];
    if (error) values_.clear();
    sink_.done(
        {.values = std::move(values_), .failures = std::move(failures), .error = std::move(error)});
  }

  std::span<const std::string_view> asked_;
  std::vector<std::optional<Bytes>> values_;
  core::Sink<core::ReadResult>& sink_;
};

class WriteBatch : public BatchCall {
 protected:
  WriteBatch(std::shared_ptr<Table> table, UniqueKeys keys, VerbCounters TableCounters::* counters,
             core::Sink<core::WriteResult>& sink)
      : BatchCall(std::move(table), std::move(keys), Effect::write, counters), sink_(sink) {}

 private:
  void complete(std::vector<KeyFailure> failures, std::optional<Error> error) noexcept final {
    sink_.done({.failures = std::move(failures), .error = std::move(error)});
  }

  core::Sink<core::WriteResult>& sink_;
};

/// Of several entries for one key only the last is sent: they would have equal timestamps, and then
/// the server keeps the larger value.
class MsetBatch final : public WriteBatch {
 public:
  MsetBatch(std::shared_ptr<Table> table, std::span<const EntryRef> entries,
            core::Sink<core::WriteResult>& sink)
      : WriteBatch(
            std::move(table),
            {entries.size(), UniqueKeys::Keep::last, [&](std::size_t i) { return entries[i].key; }},
            &TableCounters::mset, sink),
        entries_(entries) {}

 private:
  [[nodiscard]] LazyStatement& statement() const noexcept override { return table().insert(); }
  [[nodiscard]] std::string_view operation() const noexcept override { return "writing"; }
  [[nodiscard]] std::string_view key(std::size_t position) const noexcept override {
    return entries_[position].key;
  }
  [[nodiscard]] LazyStatement& group_statement() const noexcept override { return statement(); }
  [[nodiscard]] RequestGroups::Limits limits() const noexcept override {
    const GroupSettings& groups = table().settings().groups;
    if (!groups.by_replicas) return kOneKey;
    return {.keys = groups.write_rows, .bytes = groups.write_bytes};
  }
  [[nodiscard]] std::size_t request_bytes(std::size_t position) const noexcept override {
    return entries_[position].key.size() + entries_[position].value.size() + kRowBytes;
  }

  void execute(const Statement& statement, std::span<const std::size_t> positions,
               const RequestOptions& options, RowsSink& sink) const override {
    DriverSession& driver = table().access().session->driver();
    std::vector<Value> values;
    values.reserve(2 * positions.size());
    for (const std::size_t position : positions) {
      values.emplace_back(entries_[position].key);
      values.emplace_back(entries_[position].value);
    }
    if (positions.size() == 1) return driver.execute(statement, values, options, sink);
    driver.execute_batch(statement, values, options, sink);
  }

  void learn(std::span<const std::size_t> positions, const Taken&) noexcept override {
    std::size_t bytes = 0;
    for (const std::size_t position : positions) bytes += entries_[position].value.size();
    table().answer_sizes().written(bytes, positions.size());
  }

  std::span<const EntryRef> entries_;
};

class MdeleteBatch final : public WriteBatch {
 public:
  MdeleteBatch(std::shared_ptr<Table> table, std::span<const std::string_view> keys,
               core::Sink<core::WriteResult>& sink)
      : WriteBatch(std::move(table),
                   {keys.size(), UniqueKeys::Keep::first, [&](std::size_t i) { return keys[i]; }},
                   &TableCounters::mdelete, sink),
        asked_(keys) {}

 private:
  [[nodiscard]] LazyStatement& statement() const noexcept override { return table().erase(); }
  [[nodiscard]] std::string_view operation() const noexcept override { return "deleting"; }
  [[nodiscard]] std::string_view key(std::size_t position) const noexcept override {
    return asked_[position];
  }

  [[nodiscard]] LazyStatement& group_statement() const noexcept override {
    return table().erase_group();
  }
  [[nodiscard]] RequestGroups::Limits limits() const noexcept override {
    const GroupSettings& groups = table().settings().groups;
    return groups.by_replicas ? RequestGroups::Limits{.keys = groups.read_keys, .bytes = kAnyBytes}
                              : kOneKey;
  }
  [[nodiscard]] std::size_t request_bytes(std::size_t position) const noexcept override {
    return asked_[position].size();
  }

  void execute(const Statement& statement, std::span<const std::size_t> positions,
               const RequestOptions& options, RowsSink& sink) const override {
    DriverSession& driver = table().access().session->driver();
    const KeyList keys(positions, [&](std::size_t position) { return asked_[position]; });
    const std::array<Value, 1> values{positions.size() == 1 ? Value(asked_[positions.front()])
                                                            : keys.value()};
    driver.execute(statement, values, options, sink);
  }

  std::span<const std::string_view> asked_;
};

}  // namespace

void start_mget(std::shared_ptr<Table> table, std::span<const std::string_view> keys,
                const core::Call& call, core::Sink<core::ReadResult>& sink) {
  std::make_shared<MgetBatch>(std::move(table), keys, sink)->start(call);
}

void start_mset(std::shared_ptr<Table> table, std::span<const EntryRef> entries,
                const core::Call& call, core::Sink<core::WriteResult>& sink) {
  std::make_shared<MsetBatch>(std::move(table), entries, sink)->start(call);
}

void start_mdelete(std::shared_ptr<Table> table, std::span<const std::string_view> keys,
                   const core::Call& call, core::Sink<core::WriteResult>& sink) {
  std::make_shared<MdeleteBatch>(std::move(table), keys, sink)->start(call);
}

}  // namespace bytestore::cassandra
