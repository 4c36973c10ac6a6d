using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Lab.Processes;
using LinuxP2V.Windows.Tests.Source;
using LinuxP2V.Windows.Tests.Support;

namespace LinuxP2V.Windows.Tests;

/// <summary>
/// The engine of Windows PowerShell 5.1, as it is packaged, on Debian's mono: the nearest to .NET Framework that runs
/// here.
/// </summary>
public sealed class FrameworkEngineTests
{
    private static readonly string Reader = typeof(FrameworkEngineTests)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "FactsReader")
        .Value!;

    [Fact]
    public async Task Engine_for_NET_Framework_reads_the_same_facts_as_that_for_NET()
    {
        var scratch = new ScratchFolder("windows-mono");
        var keys = await KeyFiles.MakeAsync(scratch.Of("keys"));
        // Recorded: this machine's own facts may change between two readings.
        using var daemon = await TestDaemon.StartAsync(scratch.Of("sshd"), keys, RecordedMachine.Command, Algorithms.ForMono);

        var secrets = new SourceSecrets { PrivateKey = await File.ReadAllTextAsync(keys.Plain) };
        var source = await SourceDiscovery.ReadAsync(daemon.Options(), secrets, NullConsole.Instance, CancellationToken.None);
        var onMono = await Command.RunAsync(
            "mono",
            [
                Reader,
                Path.Combine(WindowsFixture.Module, "bin", "net472", "deps"),
                "127.0.0.1",
                $"{daemon.Port}",
                "root",
                keys.Plain,
                daemon.Fingerprint,
            ],
            CancellationToken.None
        );

        Assert.Equal(
            (RecordedMachine.Name, RecordedMachine.OperatingSystem),
            (source.Facts.HostName, source.Facts.OperatingSystem.PrettyName)
        );
        var expected = WithoutTime(JsonSerializer.SerializeToNode(source.Facts, EngineJson.Options)!);
        Assert.Equal(expected, WithoutTime(JsonNode.Parse(onMono.OrThrow("The engine did not run on mono").Output)!));
    }

    /// <summary>All facts as text, but the time of the reading.</summary>
    private static string WithoutTime(JsonNode facts)
    {
        Assert.True(facts.AsObject().Remove("readAt"));
        return facts.ToJsonString(EngineJson.Options);
    }
}
