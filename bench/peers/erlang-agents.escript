#!/usr/bin/env escript
%%! +S 1
%% The figures of bench/agents.ts on the BEAM, one scheduler as Node has one thread. Prints one line of JSON for the one
%% that it is asked for: calls, heap, restart, mass or gap; the second argument is quick or full.
-module(erlang_agents).
-mode(compile).
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2, start_counting/0, start_crashing/1]).

main([What, Pace]) ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    io:format("~s~n", [measure(What, Pace =:= "quick")]).

measure("calls", IsQuick) ->
    Ms = case IsQuick of true -> 400; false -> 1000 end,
    {ok, Pid} = start_counting(),
    calls_in(2 * Ms, Pid),
    Start = now_us(),
    Made = calls_in(Ms, Pid),
    io_lib:format("{\"callsPerSecond\":~.1f}", [Made * 1.0e6 / (now_us() - Start)]);
measure("heap", _) ->
    Count = 100000,
    Warm = idle(1000),
    garbage_collect(),
    Before = erlang:memory(total),
    Agents = idle(Count),
    garbage_collect(),
    Bytes = (erlang:memory(total) - Before) / Count,
    true = length(Warm) + length(Agents) =:= Count + 1000,
    io_lib:format("{\"bytesPerAgent\":~.1f}", [Bytes]);
measure("restart", IsQuick) ->
    Count = case IsQuick of true -> 4000; false -> 10000 end,
    crashes(Count, []),
    Sorted = lists:sort(crashes(Count, [])),
    Length = length(Sorted),
    io_lib:format("{\"medianUs\":~.3f,\"p99Us\":~.3f}",
        [lists:nth(Length div 2, Sorted), lists:nth(Length * 99 div 100, Sorted)]);
measure("mass", _) ->
    {ColdStart, ColdStop} = start_and_stop(100000),
    start_and_stop(100000),
    {Start, Stop} = start_and_stop(100000),
    io_lib:format("{\"startMs\":~.3f,\"stopMs\":~.3f,\"coldMs\":~.3f}", [Start, Stop, ColdStart + ColdStop]);
measure("gap", IsQuick) ->
    Ms = case IsQuick of true -> 500; false -> 1000 end,
    Test = self(),
    {ok, Pid} = gen_server:start_link(?MODULE, {feeding, Test, Ms}, []),
    gen_server:cast(Pid, next),
    {Worst, Messages} = worst_gap(now_us(), 0),
    io_lib:format("{\"worstGapMs\":~.3f,\"messagesPerSecond\":~.1f}", [Worst / 1000, Messages * 1000 / Ms]).

now_us() -> erlang:monotonic_time(nanosecond) / 1000.

calls_in(Ms, Pid) -> calls_until(now_us() + Ms * 1000, Pid, 0).
calls_until(End, Pid, Made) ->
    call_often(500, Pid),
    case now_us() < End of
        true -> calls_until(End, Pid, Made + 500);
        false -> Made + 500
    end.
call_often(0, _) -> ok;
call_often(N, Pid) -> gen_server:call(Pid, next), call_often(N - 1, Pid).

idle(Count) ->
    [begin {ok, Pid} = start_counting(), gen_server:call(Pid, next), Pid end || _ <- lists:seq(1, Count)].

%% A new supervisor for every hundred: what is measured is not the length of its list of restarts.
crashes(Count, Us) when Count =< 0 -> Us;
crashes(Count, Us) ->
    Flags = #{intensity => 1000000, period => 1},
    Spec = #{id => crashing, start => {?MODULE, start_crashing, [self()]}},
    {ok, Sup} = supervisor:start_link(?MODULE, {Flags, [Spec]}),
    Pid = receive {up, First} -> First end,
    More = crash_often(100, Pid, []),
    stop(Sup),
    crashes(Count - 100, More ++ Us).
crash_often(0, _, Us) -> Us;
crash_often(N, Pid, Us) ->
    Start = now_us(),
    gen_server:cast(Pid, crash),
    Next = receive {up, P} -> P end,
    Took = now_us() - Start,
    receive after 0 -> ok end,
    crash_often(N - 1, Next, [Took | Us]).

start_and_stop(Count) ->
    Flags = #{strategy => simple_one_for_one},
    Spec = #{id => counting, start => {?MODULE, start_counting, []}, shutdown => 5000},
    Start = now_us(),
    {ok, Sup} = supervisor:start_link(?MODULE, {Flags, [Spec]}),
    [{ok, _} = supervisor:start_child(Sup, []) || _ <- lists:seq(1, Count)],
    Started = now_us(),
    stop(Sup),
    {(Started - Start) / 1000, (now_us() - Started) / 1000}.

stop(Sup) ->
    Ref = monitor(process, Sup),
    exit(Sup, shutdown),
    receive {'DOWN', Ref, process, Sup, _} -> ok end,
    receive {'EXIT', Sup, _} -> ok after 0 -> ok end.

worst_gap(Last, Worst) ->
    receive {over, Messages} -> {Worst, Messages}
    after 1 ->
        Now = now_us(),
        worst_gap(Now, max(Worst, Now - Last))
    end.

%% One module is the callback of everything: a script cannot hold two.
start_counting() -> gen_server:start_link(?MODULE, 0, []).
start_crashing(Test) -> gen_server:start_link(?MODULE, {crashing, Test}, []).

init(Count) when is_integer(Count) -> {ok, Count};
init({crashing, Test}) -> Test ! {up, self()}, {ok, crashing};
init({feeding, Test, Ms}) -> {ok, {Test, now_us() + Ms * 1000, 0}};
init({Flags, Specs}) when is_map(Flags) -> {ok, {Flags, Specs}}.

handle_call(next, _, Count) -> {reply, Count + 1, Count + 1}.

handle_cast(crash, _) -> error(crash);
handle_cast(next, {Test, End, Count}) ->
    IsOver = Count band 255 =:= 0 andalso now_us() > End,
    case IsOver of
        true -> Test ! {over, Count}, {stop, normal, {Test, End, Count}};
        false -> gen_server:cast(self(), next), {noreply, {Test, End, Count + 1}}
    end.
