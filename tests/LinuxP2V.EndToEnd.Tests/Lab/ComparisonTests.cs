using LinuxP2V.Lab.Proof;

namespace LinuxP2V.EndToEnd.Tests.Lab;

/// <summary>The judge itself: a proof that cannot fail proves nothing.</summary>
[Trait("Area", "Conversions")]
public sealed class ComparisonTests
{
    private static readonly (string Name, string Value)[] SourceFacts =
    [
        ("host", "web01"),
        ("root-driver", "virtio_blk"),
        ("adapter ens3 driver", "virtio_net"),
        ("adapter ens3 address", "10.0.2.15/24"),
        ("data-checksum", "abc"),
        ("sparse-allocated", "2097152"),
        ("system", "running"),
        ("failed-units", ""),
    ];

    private static readonly Dictionary<string, string> RightChanges = new()
    {
        ["root-driver"] = "vmw_pvscsi",
        ["adapter ens3 driver"] = "vmxnet3",
    };

    [Fact]
    public void A_copy_that_differs_by_its_hardware_alone_is_right() =>
        Assert.All(Compare([]), fact => Assert.True(fact.IsRight, fact.Name));

    [Theory]
    [InlineData("host", "web02")]
    [InlineData("root-driver", "virtio_blk")]
    [InlineData("root-driver", "ahci")]
    [InlineData("adapter ens3 driver", "virtio_net")]
    [InlineData("adapter ens3 address", "")]
    [InlineData("data-checksum", "abd")]
    [InlineData("sparse-allocated", "209715200")]
    [InlineData("sparse-allocated", "")]
    [InlineData("system", "degraded")]
    [InlineData("failed-units", "ssh.service")]
    public void What_should_not_differ_is_found(string name, string value)
    {
        var wrong = Assert.Single(Compare(new Dictionary<string, string> { [name] = value }), fact => !fact.IsRight);

        Assert.Equal(name, wrong.Name);
        Assert.StartsWith("no", wrong.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void A_degraded_source_does_not_excuse_a_degraded_copy()
    {
        var facts = Comparison.Compare(Describe([("system", "degraded")]), Describe([("system", "degraded")]), VmHardware.Chosen);

        Assert.False(Assert.Single(facts).IsRight);
    }

    [Fact]
    public void A_fact_that_only_one_side_has_is_a_difference()
    {
        var facts = Comparison.Compare(Describe([("swap", "x")]), Describe([("file-system /new", "y")]), VmHardware.Chosen);

        Assert.Equal(["swap", "file-system /new"], facts.Where(fact => !fact.IsRight).Select(fact => fact.Name));
    }

    [Fact]
    public void Entries_that_differ_are_named_from_both_sides()
    {
        var lines = Comparison.DifferentEntries(Describe([], "same\nold"), Describe([], "same\nnew"));

        Assert.Equal(["source: old", "copy:   new"], lines);
    }

    [Fact]
    public void Hardware_that_was_asked_for_is_looked_for()
    {
        var devices = new Dictionary<string, string> { ["root-driver"] = "mptsas", ["adapter ens3 driver"] = "e1000e" };

        Assert.Equal(["root-driver", "adapter ens3 driver"], Compare(devices).Where(fact => !fact.IsRight).Select(fact => fact.Name));
        Assert.All(Compare(devices, new VmHardware("LsiLogicSas", "E1000e")), fact => Assert.True(fact.IsRight, fact.Name));
    }

    private static IReadOnlyList<ComparedFact> Compare(Dictionary<string, string> changes, VmHardware? hardware = null) =>
        Comparison.Compare(
            Describe(SourceFacts),
            Describe([
                .. SourceFacts.Select(fact =>
                    (fact.Name, changes.GetValueOrDefault(fact.Name) ?? RightChanges.GetValueOrDefault(fact.Name) ?? fact.Value)
                ),
            ]),
            hardware ?? VmHardware.Chosen
        );

    private static MachineDescription Describe((string Name, string Value)[] facts, string manifest = "") =>
        new([.. facts.Select(fact => KeyValuePair.Create(fact.Name, fact.Value))], manifest);
}
