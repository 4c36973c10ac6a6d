using LinuxP2V.Bench.Agents;
using LinuxP2V.Bench.Contenders;
using LinuxP2V.Bench.Data;
using LinuxP2V.Bench.Machine;
using LinuxP2V.Bench.Results;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Bench.Shapes;

/// <summary>
/// What is measured, and what has to be reached. Shapes of one data set stand together; the one that changes it is
/// the last.
/// </summary>
internal static class ShapeList
{
    private const string Agent = "agent";
    private const string AgentBlocks = "agent blocks";

    public static IReadOnlyList<IShape> Create(bool isQuick)
    {
        var noise = new BigFiles(isText: false, isQuick);
        var text = new BigFiles(isText: true, isQuick);
        var small = new SmallFiles(isQuick);
        var sparse = new SparseFiles(isQuick);
        // Of the whole, a slow line or disk would take a quarter of an hour for each contender.
        var few = new BigFiles(isText: false, isQuick: true);
        var fewSmall = new SmallFiles(isQuick: true);
        return
        [
            new CopyShape("big", noise, false, Big, BigGoals()),
            new ThrottleShape("throttle", noise, isQuick ? 200 : 400, 0.1),
            new VerifyShape("verify-big", noise, false, 0.8),
            new CopyShape("big-disk", noise, false, Peers, NoSlower(), SlowDisks),
            new CopyShape("big-1g", noise, false, Peers, NoSlower(), Gigabit),
            new CopyShape("big-text", text, false, Big, BigGoals()),
            new CopyShape(
                "small",
                small,
                true,
                Small,
                [
                    Goal.TimesAsFast(Agent, Baselines.TarFastName, 1.2),
                    Goal.LittleCpu(Agent),
                    Goal.TimesAsFast(AgentBlocks, Baselines.TarFastName, 2.2),
                    Goal.LittleCpu(AgentBlocks),
                ]
            ),
            new VerifyShape("verify-small", small, true, 0.8),
            new CopyShape("small-1g", small, true, Peers, NoSlower(), Gigabit),
            new SyncShape("sync", small, 2.3),
            new CopyShape("big-100m", few, false, Peers, NoSlower(), HundredMegabits),
            new CopyShape("small-disk", fewSmall, true, Peers, NoSlower(), SlowDisks),
            new CopyShape("small-100m", fewSmall, true, Peers, NoSlower(), HundredMegabits),
            new CopyShape("sparse", sparse, false, All, [Goal.TimesAsFast(Agent, Baselines.TarFastName, 1), Goal.LittleCpu(Agent)]),
        ];
    }

    private static Goal[] BigGoals() =>
        [Goal.TimesAsFast(Agent, Baselines.TarFastName, 1.2), Goal.TimesAsFast(Agent, Baselines.RawName, 0.9), Goal.LittleCpu(Agent)];

    /// <summary>A disk that turns, as servers of ten years ago have it, and a line of an office.</summary>
    private static Regime SlowDisks { get; } = new(Disk: new DiskSpeed(120, 400));

    private static Regime Gigabit { get; } = new(Line: new LineSpeed(1000, TimeSpan.FromMilliseconds(0.25)));

    private static Regime HundredMegabits { get; } = new(Line: new LineSpeed(100, TimeSpan.FromMilliseconds(10)));

    private static Goal[] NoSlower() => [Goal.NoSlower(Agent, Baselines.TarFastName, Baselines.RsyncName)];

    private static IEnumerable<IContender> Peers(ShapeContext context) =>
        [
            new AgentContender(Agent, context.Agent, new CopyOptions { Mode = CopyMode.File }),
            context.Baselines.TarFast,
            context.Baselines.Rsync,
            context.Baselines.Raw,
        ];

    private static IEnumerable<IContender> Big(ShapeContext context) => All(context).Append(context.Baselines.TarPlain);

    private static IEnumerable<IContender> Small(ShapeContext context) =>
        All(context)
            .Append(context.Baselines.TarPlain)
            .Append(new AgentContender(AgentBlocks, context.Agent, new CopyOptions { Mode = CopyMode.Block }));

    private static IEnumerable<IContender> All(ShapeContext context) =>
        [
            new AgentContender(Agent, context.Agent, new CopyOptions { Mode = CopyMode.File }),
            context.Baselines.TarFast,
            context.Baselines.TarDefault,
            context.Baselines.Rsync,
            context.Baselines.Raw,
        ];
}
