using System.Text.Json;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Session;

/// <summary>What an engine of another language, or a damaged task, leaves out of a message.</summary>
public sealed class AbsentMemberTests
{
    [Theory]
    [InlineData("""{"type":"copy","requestId":"1"}""")]
    [InlineData("""{"type":"copy","requestId":"1","volumeIds":null,"options":null}""")]
    [InlineData("""{"type":"sync","requestId":"1"}""")]
    [InlineData("""{"type":"sync","requestId":"1","volumeIds":null,"options":null}""")]
    [InlineData("""{"type":"verify","requestId":"1"}""")]
    [InlineData("""{"type":"verify","requestId":"1","volumeIds":null,"options":null}""")]
    public void Lists_and_options_of_a_request_are_empty_and_never_null(string json)
    {
        var request = JsonSerializer.Deserialize(json, ProtocolJson.Default.AgentRequest);
        var (volumes, options) = request switch
        {
            CopyRequest copy => (copy.VolumeIds, copy.Options),
            SyncRequest sync => (sync.VolumeIds, sync.Options),
            VerifyRequest verify => (verify.VolumeIds, verify.Options),
            _ => throw new InvalidOperationException(json),
        };

        Assert.Empty(volumes);
        Assert.Equal(new CopyOptions(), options);
        Assert.Equal(100, (request as VerifyRequest)?.SamplePercent ?? 100);
    }

    [Fact]
    public void Lists_of_a_layout_are_empty_and_never_null()
    {
        const string Json = """
            {"firmware":"Bios","disks":null,"volumes":[{"id":"/","device":{"disk":0,"partition":1},
            "fileSystem":{"kind":"Ext4","ext":{"features":null}},"sourceDevice":"/dev/sda1"}]}
            """;

        var layout = JsonSerializer.Deserialize(Json, ProtocolJson.Default.TargetLayout)!;

        Assert.Empty(layout.Disks);
        Assert.Empty(layout.VolumeGroups);
        Assert.Empty(layout.Volumes[0].ExcludedPaths);
        Assert.Empty(layout.Volumes[0].FileSystem.BtrfsFeatures);
        Assert.Empty(layout.Volumes[0].FileSystem.Ext!.Features);
        Assert.Empty(layout.Volumes[0].FileSystem.Ext!.DefaultMountOptions);
    }
}
