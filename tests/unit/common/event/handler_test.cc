#include "common/event/handler.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace redis_zk::event {
namespace {

TEST(Handler, KeepsItsStateFromCallToCall) {
    int seen = 0;
    Handler<> handler{[&seen, count = 0]() mutable { seen = ++count; }};

    EXPECT_TRUE(handler.call());
    EXPECT_TRUE(handler.call());
    EXPECT_EQ(seen, 2);
}

TEST(Handler, SaysThatItWasDestroyedWhileItRan) {
    std::unique_ptr<Handler<>> handler;
    std::string seen;
    handler = std::make_unique<Handler<>>(
        [&, captured = std::string{"long enough to be allocated on the heap"}] {
            handler.reset();
            seen = captured;
        });

    EXPECT_FALSE(handler->call());
    EXPECT_EQ(seen, "long enough to be allocated on the heap");
}

TEST(Handler, WithoutAFunctionDoesNothing) {
    Handler<int> handler{nullptr};

    EXPECT_TRUE(handler.call(1));
}

}  // namespace
}  // namespace redis_zk::event
