using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Tests.Copy.Files;

public sealed class ShardPlanTests
{
    private static readonly TransferSettings Settings = new()
    {
        ShardBytes = 1000,
        ShardFiles = 4,
        RangedFrom = 5000,
        RangeBytes = 2000,
    };

    private readonly Manifest manifest = new();
    private ulong inode;

    [Theory]
    [InlineData(0, 12)]
    [InlineData(2, 12)]
    [InlineData(16, 20)]
    public void Each_stream_finds_a_job_waiting(int streams, int jobs) => Assert.Equal(jobs, new TransferSettings().JobsFor(streams));

    [Fact]
    public void Every_entry_that_travels_is_in_one_unit_and_no_other()
    {
        var random = new Random(5);
        Add("", EntryType.Directory);
        var types = new[]
        {
            EntryType.File,
            EntryType.File,
            EntryType.File,
            EntryType.Link,
            EntryType.Fifo,
            EntryType.Socket,
            EntryType.Directory,
        };
        for (var i = 0; i < 500; i++)
            Add($"e{i}", types[random.Next(types.Length)], random.Next(10) == 0 ? random.Next(20_000) : random.Next(600));

        var (plan, links) = Plan();

        var travelling = Enumerable
            .Range(0, manifest.Count)
            .Where(e => manifest.TypeOf(e) is not (EntryType.Directory or EntryType.Socket))
            .ToList();
        var planned = plan
            .Units.OfType<ShardUnit>()
            .SelectMany(plan.EntriesOf)
            .Concat(plan.Units.OfType<RangeUnit>().Select(u => u.Entry).Distinct())
            .Order()
            .ToList();
        Assert.Equal(travelling, planned);
        Assert.Empty(links.All);
        Assert.Equal(travelling.Count, plan.Files);
        Assert.Equal(plan.Bytes, plan.Units.Sum(unit => unit.Bytes));
        Assert.Equal(Enumerable.Range(0, plan.Units.Count), plan.Units.Select(unit => unit.Number));
        Assert.All(plan.Units.OfType<ShardUnit>(), shard => Assert.Equal(shard.Files, plan.EntriesOf(shard).Count));
        Assert.All(plan.Units.OfType<ShardUnit>(), shard => Assert.True(shard.Files == 1 || (shard.Files <= 4 && shard.Bytes < 2000)));
        Assert.Equal(plan.Units, Plan().Plan.Units);
    }

    [Fact]
    public void A_huge_file_is_cut_into_ranges_that_cover_it()
    {
        Add("", EntryType.Directory);
        Add("small", EntryType.File, 10);
        Add("huge", EntryType.File, 7001);
        Add("holes", EntryType.File, 9000, allocated: 512);

        var units = Plan().Plan.Units;

        Assert.Equal(
            [(0L, 2000L, false), (2000, 2000, false), (4000, 2000, false), (6000, 1001, true)],
            units.OfType<RangeUnit>().Select(u => (u.Offset, u.Bytes, u.IsLast))
        );
        Assert.Equal(2, Assert.Single(units.OfType<ShardUnit>()).Files);
    }

    [Fact]
    public void A_huge_file_with_holes_is_cut_so_that_each_range_may_hold_as_much()
    {
        Add("", EntryType.Directory);
        Add("holes", EntryType.File, 100_001, allocated: 6144);

        var ranges = Plan().Plan.Units.Cast<RangeUnit>();

        Assert.Equal(
            [(0L, 32_000L, 2000L, false), (32_000, 32_000, 2000, false), (64_000, 32_000, 2000, false), (96_000, 4001, 144, true)],
            ranges.Select(u => (u.Offset, u.Length, u.Bytes, u.IsLast))
        );
    }

    [Fact]
    public void Of_a_file_with_several_names_one_travels()
    {
        Add("", EntryType.Directory);
        var names = Enumerable.Range(0, 9).Select(i => Add($"name{i}", EntryType.File, 10, links: 10, number: 77)).ToList();
        Add("other", EntryType.Link, links: 2, number: 78);

        var (plan, links) = Plan();
        Assert.Equal(2, plan.Files);
        Assert.Equal(names, links.All[0].Names);

        // A name that is asked for leads, as the first one may be there already with other contents.
        var some = LinkGroups.Find(manifest, [names[4], names[6]]);
        var group = Assert.Single(some.All);
        Assert.Equal(names[4], group.Leader);
        group.DropLeader();
        Assert.Equal((names[6], 7), (group.Leader, group.Followers.Count()));
    }

    private (ShardPlan Plan, LinkGroups Links) Plan()
    {
        var entries = new AllEntries(manifest);
        var links = LinkGroups.Find(manifest, entries);
        return (ShardPlan.Make(manifest, entries, links, Settings), links);
    }

    private int Add(string path, EntryType type, long size = 0, long? allocated = null, uint links = 1, ulong? number = null) =>
        manifest.Add(
            System.Text.Encoding.UTF8.GetBytes(path),
            new ManifestRecord(
                type,
                0x1a4,
                0,
                0,
                type == EntryType.Directory ? 2 : links,
                number ?? ++inode + 1000,
                size,
                allocated ?? ((size + 4095) / 4096 * 4096),
                0,
                0
            )
        );
}
