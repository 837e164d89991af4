#include "cassandra/verbs.hpp"

#include <utility>

#include "cassandra/keyed_call.hpp"

namespace bytestore::cassandra {
namespace {

class MgetCall final : public KeyedCall {
 public:
  MgetCall(std::shared_ptr<Table> table, std::span<const std::string_view> keys,
           core::Sink<core::ReadResult>& sink)
      : KeyedCall(std::move(table),
                  {keys.size(), DistinctKeys::Keep::first, [&](std::size_t i) { return keys[i]; }},
                  Effect::read),
        asked_(keys),
        values_(keys.size()),
        sink_(sink) {}

 private:
  [[nodiscard]] LazyStatement& statement() const noexcept override { return table().select(); }
  [[nodiscard]] std::string_view doing() const noexcept override { return "reading"; }
  [[nodiscard]] std::string_view key(std::size_t position) const noexcept override {
    return asked_[position];
  }

  void succeed(std::size_t position, std::optional<Bytes> value) noexcept override {
    values_[position] = std::move(value);
  }

  void complete(std::vector<KeyFailure> failures, std::optional<Error> error) noexcept override {
    for (const auto& [position, twin] : keys().twins()) values_[twin] = values_[position];
    if (error) values_.clear();
    sink_.done(
        {.values = std::move(values_), .failures = std::move(failures), .error = std::move(error)});
  }

  std::span<const std::string_view> asked_;
  std::vector<std::optional<Bytes>> values_;
  core::Sink<core::ReadResult>& sink_;
};

class WriteCall : public KeyedCall {
 protected:
  WriteCall(std::shared_ptr<Table> table, DistinctKeys keys, core::Sink<core::WriteResult>& sink)
      : KeyedCall(std::move(table), std::move(keys), Effect::write), sink_(sink) {}

 private:
  void complete(std::vector<KeyFailure> failures, std::optional<Error> error) noexcept final {
    sink_.done({.failures = std::move(failures), .error = std::move(error)});
  }

  core::Sink<core::WriteResult>& sink_;
};

/// Of several entries for one key only the last is sent: they would have equal timestamps, and then
/// the server keeps the larger value.
class MsetCall final : public WriteCall {
 public:
  MsetCall(std::shared_ptr<Table> table, std::span<const EntryRef> entries,
           core::Sink<core::WriteResult>& sink)
      : WriteCall(std::move(table),
                  {entries.size(), DistinctKeys::Keep::last,
                   [&](std::size_t i) { return entries[i].key; }},
                  sink),
        entries_(entries) {}

 private:
  [[nodiscard]] LazyStatement& statement() const noexcept override { return table().insert(); }
  [[nodiscard]] std::string_view doing() const noexcept override { return "writing"; }
  [[nodiscard]] std::string_view key(std::size_t position) const noexcept override {
    return entries_[position].key;
  }
  [[nodiscard]] std::optional<Value> second_value(std::size_t position) const noexcept override {
    return entries_[position].value;
  }

  std::span<const EntryRef> entries_;
};

class MdeleteCall final : public WriteCall {
 public:
  MdeleteCall(std::shared_ptr<Table> table, std::span<const std::string_view> keys,
              core::Sink<core::WriteResult>& sink)
      : WriteCall(std::move(table),
                  {keys.size(), DistinctKeys::Keep::first, [&](std::size_t i) { return keys[i]; }},
                  sink),
        asked_(keys) {}

 private:
  [[nodiscard]] LazyStatement& statement() const noexcept override { return table().erase(); }
  [[nodiscard]] std::string_view doing() const noexcept override { return "deleting"; }
  [[nodiscard]] std::string_view key(std::size_t position) const noexcept override {
    return asked_[position];
  }

  std::span<const std::string_view> asked_;
};

}  // namespace

void start_mget(std::shared_ptr<Table> table, std::span<const std::string_view> keys,
                const core::Call& call, core::Sink<core::ReadResult>& sink) {
  std::make_shared<MgetCall>(std::move(table), keys, sink)->start(call);
}

void start_mset(std::shared_ptr<Table> table, std::span<const EntryRef> entries,
                const core::Call& call, core::Sink<core::WriteResult>& sink) {
  std::make_shared<MsetCall>(std::move(table), entries, sink)->start(call);
}

void start_mdelete(std::shared_ptr<Table> table, std::span<const std::string_view> keys,
                   const core::Call& call, core::Sink<core::WriteResult>& sink) {
  std::make_shared<MdeleteCall>(std::move(table), keys, sink)->start(call);
}

}  // namespace bytestore::cassandra
