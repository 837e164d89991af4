/// `estimate_keys`: cheap, and near enough for a progress bar.

#include <boost/asio/use_future.hpp>
#include <future>

#include "bytestore/async.hpp"
#include "contract_test.hpp"

namespace bytestore::contract {
namespace {

using boost::asio::use_future;

class Estimates : public ContractTest {};

TEST_P(Estimates, OfAnEmptyStoreIsZero) { EXPECT_EQ(store().estimate_keys(), 0U); }

TEST_P(Estimates, OfNewKeysIsTheirNumber) {
  constexpr std::size_t kKeys = 5'000;
  store().mset(entries_of(numbered_keys("key", kKeys)));
  const auto estimate = store().estimate_keys();
  EXPECT_EQ(store().aestimate_keys(use_future).get(), estimate);
  if (GetParam().exceptions.estimates_late) {
    EXPECT_LE(estimate, kKeys * 11 / 10);
  } else {
    EXPECT_EQ(estimate, kKeys);
  }
}

TEST_P(Estimates, OfAClosedStoreIsRefused) {
  store().close();
  EXPECT_EQ(code_of([&] { static_cast<void>(store().estimate_keys()); }), ErrorCode::cancelled);
  EXPECT_EQ(code_of([&] { static_cast<void>(store().aestimate_keys(use_future).get()); }),
            ErrorCode::cancelled);
}

TEST_P(Estimates, ACallbackMustNotBlockForOne) {
  auto done = store().aestimate_keys(use_future);
  static_cast<void>(done.get());
  std::promise<ErrorCode> refused;
  store().aestimate_keys([&](const std::exception_ptr&, std::uint64_t) {
    refused.set_value(code_of([&] { static_cast<void>(store().estimate_keys()); }));
  });
  EXPECT_EQ(refused.get_future().get(), ErrorCode::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(Backends, Estimates, ::testing::ValuesIn(backends()), backend_name);

}  // namespace
}  // namespace bytestore::contract
