#include "key_pages.hpp"

#include <nanobind/stl/shared_ptr.h>

#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "blocking.hpp"
#include "bytestore/async.hpp"
#include "interpreter.hpp"

namespace bytestore::python {

namespace nb = nanobind;

/// One page that is being read, or has been.
class KeyPages::Step {
 public:
  explicit Step(KeyPages& pages) : stop_(blocking_.stop_token(), Cancel{pages.operation_}) {
    blocking_.begin([&](auto handler) {
      pages.store_->check_ready();
      pages.stream_->next_page(std::move(handler));
    });
  }

  std::vector<std::string> finish() {
    auto [keys] = blocking_.finish();
    return std::move(keys);
  }

  /// Returns whether it was begun before this process was forked: then it never ends here.
  [[nodiscard]] bool is_of_parent() const noexcept { return forks_ != Interpreter::forks(); }

 private:
  /// A signal ends the listing, not only this step.
  struct Cancel {
    Operation& operation;
    void operator()() const noexcept { operation.cancel(); }
  };

  int forks_ = Interpreter::forks();
  Blocking<std::vector<std::string>> blocking_;
  std::stop_callback<Cancel> stop_;
};

KeyPages::KeyPages(std::shared_ptr<const Store> store, nb::handle prefix, bool reads_ahead)
    : store_(std::move(store)),
      stream_(store_->get()->ayield_keys(
          {.prefix = prefix_from(prefix), .stop = operation_.stop_token()})),
      reads_ahead_(reads_ahead && store_->work() == Store::Work::here) {}

KeyPages::~KeyPages() {
  const Unlocked unlocked;
  stream_.reset();  // this cancels the reading of a page ahead
}

std::optional<std::vector<std::string>> KeyPages::take_page_ahead() {
  const auto step = std::exchange(ahead_, nullptr);
  if (!step || step->is_of_parent()) return std::nullopt;
  auto keys = step->finish();
  if (operation_.stop_token().stop_requested()) return std::nullopt;
  unlocked([this] { static_cast<void>(stream_->cursor()); });  // throws if the store is closed
  return keys;
}

KeyList KeyPages::next_page() {
  auto keys = take_page_ahead();
  if (!keys) keys = Step(*this).finish();
  const bool is_first = std::exchange(is_first_, false);
  if (reads_ahead_ && !is_first && !keys->empty()) ahead_ = std::make_unique<Step>(*this);
  return to_python(*keys);
}

void KeyPages::anext_page(nb::handle loop, nb::handle settle) {
  auto handler = settling<std::vector<std::string>>(
      loop, settle, [](const std::vector<std::string>& keys) { return to_python(keys); });
  const Unlocked unlocked;  // the library may complete it at once, on a thread that waits for it
  // NOLINTNEXTLINE(bugprone-unchecked-optional-access): it is there until the destructor
  stream_->next_page(std::move(handler));
}

void define_key_pages(const nb::module_& module) {
  nb::class_<KeyPages>(module, "KeyPages",
                       "A listing of keys, page by page; an empty page is the end.")
      .def(nb::init<std::shared_ptr<const Store>, nb::handle, bool>(), nb::arg("store"),
           nb::arg("prefix").none(), nb::arg("reads_ahead") = false)
      .def("next_page", &KeyPages::next_page)
      .def("anext_page", &KeyPages::anext_page, nb::arg("loop"), nb::arg("settle"))
      .def("cancel", &KeyPages::cancel);
}

}  // namespace bytestore::python
