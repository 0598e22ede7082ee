#include "watcher/core/event_table.h"

#include <optional>

#include <gtest/gtest.h>

namespace redis_zk::watcher {
namespace {

using Words = std::vector<std::string>;

// Of those that lead to a look at who is master.
std::optional<Behaviour> look_for(const char* name, const Words& words) {
    const BehaviourSet behaviours = behaviours_of(name, words);
    EXPECT_FALSE(behaviours.contains(Behaviour::look) && behaviours.contains(Behaviour::alarm));
    if (behaviours.contains(Behaviour::alarm)) return Behaviour::alarm;
    if (behaviours.contains(Behaviour::look)) return Behaviour::look;
    return std::nullopt;
}

TEST(EventTable, EachStepOfAFailoverIsAnAlarm) {
    for (const char* name :
         {"+odown", "+new-epoch", "+try-failover", "+vote-for-leader", "+elected-leader",
          "+failover-state-select-slave", "+selected-slave", "+failover-state-send-slaveof-noone",
          "+failover-state-wait-promotion", "+promoted-slave", "+failover-state-reconf-slaves",
          "+failover-end", "+switch-master", "+config-update-from", "-failover-abort-not-elected",
          "-failover-abort-no-good-slave", "-failover-abort-slave-timeout"})
        EXPECT_EQ(look_for(name, {}), Behaviour::alarm) << name;
}

TEST(EventTable, ADeathIsAnAlarmWhenItIsThatOfAMaster) {
    EXPECT_EQ(look_for("+sdown", {"master", "mymaster"}), Behaviour::alarm);
    EXPECT_EQ(look_for("+sdown", {"slave", "10.0.0.7:1"}), Behaviour::look);
    EXPECT_EQ(look_for("+sdown", {}), Behaviour::look);
}

TEST(EventTable, WhatChangesANodeOrASentinelIsALook) {
    for (const char* name : {"-sdown", "-odown", "+reboot", "+sentinel", "+slave", "+monitor"})
        EXPECT_EQ(look_for(name, {"master"}), Behaviour::look) << name;
}

TEST(EventTable, WhatIsUnknownOrTellsNothingAboutTheMasterIsWorthNothing) {
    for (const char* name : {"+made-up", "", "+switch-master ", "+failover-", "+slave-reconf-done",
                             "-script-error", "+tilt"})
        EXPECT_EQ(look_for(name, {"master"}), std::nullopt) << name;
}

TEST(EventTable, TellsPeopleAndHooksOfEachEventAlsoOfAnUnknownOne) {
    Words names = known_events();
    names.emplace_back("+made-up");
    for (const auto& name : names) {
        const BehaviourSet behaviours = behaviours_of(name, {"master", "mymaster"});
        for (const Behaviour one : {Behaviour::count, Behaviour::keep, Behaviour::run_hooks})
            EXPECT_TRUE(behaviours.contains(one)) << name;
        EXPECT_NE(behaviours.contains(Behaviour::log), behaviours.contains(Behaviour::warn))
            << name;
    }
}

TEST(EventTable, WarnsOfASentinelThatCannotReplaceADeadMaster) {
    for (const char* name : {"+failover-end-for-timeout", "-failover-abort-no-good-slave",
                             "-failover-abort-slave-timeout", "+tilt"})
        EXPECT_TRUE(behaviours_of(name, {}).contains(Behaviour::warn)) << name;
    for (const char* name : {"+sdown", "+switch-master", "-failover-abort-not-elected"})
        EXPECT_FALSE(behaviours_of(name, {}).contains(Behaviour::warn)) << name;
}

TEST(EventTable, LeadsToNoLookAndNoHookForAnotherMaster) {
    for (const Behaviour one : {Behaviour::look, Behaviour::alarm, Behaviour::run_hooks})
        EXPECT_FALSE(is_for_any_master(one));
    for (const Behaviour one : {Behaviour::count, Behaviour::log, Behaviour::warn, Behaviour::keep})
        EXPECT_TRUE(is_for_any_master(one)) << "people want to know";
}

TEST(EventTable, KeepsABehaviourThatNobodyHasSortedToOurMaster) {
    const auto one_more = static_cast<Behaviour>(all_behaviours.size());
    EXPECT_FALSE(is_for_any_master(one_more));
}

TEST(KnownEvents, AreThoseOfSentinel) {
    for (const char* name : {"+switch-master", "+promoted-slave", "+failover-end", "-sdown",
                             "+config-update-from", "+reboot", "+sentinel"})
        EXPECT_TRUE(is_known_event(name)) << name;
    EXPECT_FALSE(is_known_event("+switch-mistress"));
    for (const auto& name : known_events()) EXPECT_TRUE(is_known_event(name)) << name;
}

}  // namespace
}  // namespace redis_zk::watcher
