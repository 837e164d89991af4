#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cassandra/calls/batch_call.hpp"
#include "unit/support/table_rig.hpp"

namespace bytestore::cassandra {

inline void start_mget(const std::shared_ptr<Table>& table, std::span<const std::string_view> keys,
                       const core::Call& call, core::Sink<core::ReadResult>& sink) {
  BatchCall::start(table, bind_mget(*table, keys, sink), call);
}
inline void start_mset(const std::shared_ptr<Table>& table, std::span<const EntryRef> entries,
                       const core::Call& call, core::Sink<core::WriteResult>& sink) {
  BatchCall::start(table, bind_mset(*table, entries, sink), call);
}
inline void start_mdelete(const std::shared_ptr<Table>& table,
                          std::span<const std::string_view> keys, const core::Call& call,
                          core::Sink<core::WriteResult>& sink) {
  BatchCall::start(table, bind_mdelete(*table, keys, sink), call);
}

/// The three verbs of a table on a fake driver: keys and entries to call them with, and where the
/// results go.
class VerbRig : public TableRig {
 protected:
  /// From now on keys share requests, as many as may: as in a table that has been read from.
  void connect_with_groups() {
    connect({}, fixed(kWindow), {});
    table_->answer_sizes().read(10, 1, 1);
  }

  void mget(const CallOptions& options = {}) { start_mget(table_, keys, call(options), read); }
  void mdelete(const CallOptions& options = {}) {
    start_mdelete(table_, keys, call(options), written);
  }
  void mset(std::vector<EntryRef> some, const CallOptions& options = {}) {
    entries = std::move(some);
    start_mset(table_, entries, call(options), written);
  }

  /// Many keys: "0", "1" and so on.
  void make_keys(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) texts.push_back(std::to_string(i));
    keys.assign(texts.begin(), texts.end());
  }

  static Rows row(std::string value) { return make_rows({{std::move(value)}}); }

  static const std::string& key_of(const FakeRequest& request) {
    return std::get<std::string>(request.values.at(0));
  }

  [[nodiscard]] const KeyFailure& failure_at(std::size_t i) const {
    return written.result().failures.at(i);
  }

  std::vector<std::string> texts;
  std::vector<std::string_view> keys{"a", "b", "c"};
  std::vector<EntryRef> entries;
  KeepingSink<core::ReadResult> read;
  KeepingSink<core::WriteResult> written;
};

}  // namespace bytestore::cassandra
