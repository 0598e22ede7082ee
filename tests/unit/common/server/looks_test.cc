#include "common/server/looks.h"

#include <gtest/gtest.h>

namespace redis_zk::server {
namespace {

class AsksAndCounts : public testing::Test {
  protected:
    Looks::OnDone count() {
        return [this](const core::Result<core::Done>& done) { ++(done ? done_ : failed_); };
    }

    int asked_ = 0;
    int done_ = 0;
    int failed_ = 0;
    Looks looks_{[this] { ++asked_; }};
};

TEST_F(AsksAndCounts, OneLookAtATimeAndAnotherOneForAllThatCameMeanwhile) {
    looks_.look();
    looks_.look();
    looks_.look();
    EXPECT_EQ(asked_, 1);
    looks_.answered();
    EXPECT_EQ(asked_, 2);
    looks_.answered();
    EXPECT_EQ(asked_, 2);
}

TEST_F(AsksAndCounts, ACommandIsDoneWhenALookThatBeganAfterItHasCome) {
    looks_.look();
    looks_.after(count())(core::Done{});
    looks_.answered();
    EXPECT_EQ(done_, 0) << "that one may have been too early";
    looks_.answered();
    EXPECT_EQ(done_, 1);
}

TEST_F(AsksAndCounts, ACommandThatFailedWaitsForNoLook) {
    looks_.after(count())(core::Error{core::Fault::refused, "no"});
    EXPECT_EQ(failed_, 1);
    EXPECT_EQ(asked_, 0);
}

TEST_F(AsksAndCounts, ANewConnectionAsksAgainForThoseWhoWaited) {
    looks_.look();
    looks_.after(count())(core::Done{});
    looks_.begin_anew();
    EXPECT_EQ(asked_, 2) << "that look begins after the command";
    looks_.answered();
    EXPECT_EQ(asked_, 2);
    EXPECT_EQ(done_, 1);
}

TEST_F(AsksAndCounts, ALookThatFailedIsOver) {
    looks_.look();
    looks_.failed();
    looks_.look();
    EXPECT_EQ(asked_, 2);
}

}  // namespace
}  // namespace redis_zk::server
