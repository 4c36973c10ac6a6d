using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Planning;
using LinuxP2V.Engine.Reconfiguration;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Engine.Tests.Tasks;

namespace LinuxP2V.Engine.Tests.Reconfiguration;

/// <summary>What the rules for guests are told of a task.</summary>
public sealed class ReconfigurationInputTests
{
    [Theory]
    [InlineData(@"Boot0001* debian	HD(1,GPT,0b5,0x800,0x20000)/File(\EFI\debian\shimx64.efi)", @"\EFI\debian\shimx64.efi")]
    [InlineData(@"Boot0000* sles	HD(1,GPT,1,2,3)/\EFI\SLES\SHIM.EFI", @"\EFI\SLES\SHIM.EFI")]
    [InlineData("Boot0003* UEFI: Built-in EFI Shell", null)]
    [InlineData(null, null)]
    public void The_loader_that_the_source_booted_by(string? entry, string? expected)
    {
        var facts = SampleSources.TwoDiskLvm().Build();
        facts = facts with
        {
            Boot = facts.Boot with { CurrentEfiEntry = entry },
            Network = facts.Network with
            {
                Adapters = [.. facts.Network.Adapters.Select(adapter => adapter with { Driver = "igb", PciAddress = "0000:00:19.0" })],
            },
        };
        var task = ConversionPlanner.Plan(SampleSources.Endpoint, facts, new TaskSettings(), DestinationReference.AnyVSphere);
        var input = ReconfigurationInput.Of(task, ["00:50:56:00:00:01"], isForced: true);
        Assert.Equal(expected, input.BootedLoader);
        Assert.Equal(task.Plan.Machine.MemoryBytes, input.MemoryBytes);
        Assert.True(input.Force);
        Assert.NotEmpty(input.Adapters);
        Assert.All(input.Adapters, adapter => Assert.Equal(("igb", "0000:00:19.0"), (adapter.SourceDriver, adapter.SourceSlot)));
    }
}
