#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <optional>

#include "bytestore/key_stream.hpp"
#include "promise.hpp"
#include "results.hpp"
#include "store.hpp"

namespace bytestore::python {

/// A listing of keys, page by page; an empty page is the end. Only one step at a time is allowed.
class KeyPages {
 public:
  /// With `reads_ahead`, `next_page` has an embedded store read the page after while Python uses
  /// the one that it has, from the second page on; then `anext_page` must not be called. The other
  /// stores read ahead by themselves.
  KeyPages(std::shared_ptr<const Store> store, nanobind::handle prefix, bool reads_ahead);
  ~KeyPages();
  KeyPages(const KeyPages&) = delete;
  KeyPages& operator=(const KeyPages&) = delete;

  KeyList next_page();
  void anext_page(nanobind::handle loop, nanobind::handle settle);
  void cancel() noexcept { operation_.cancel(); }

 private:
  class Step;

  /// Returns the page that was read ahead; nothing if there is none, or it may not be given.
  std::optional<std::vector<std::string>> take_page_ahead();

  Operation operation_;
  std::shared_ptr<const Store> store_;
  std::optional<AsyncKeyStream> stream_;
  bool reads_ahead_;
  bool is_first_ = true;  // the page that is asked for
  std::unique_ptr<Step> ahead_;
};

void define_key_pages(const nanobind::module_& module);

}  // namespace bytestore::python
