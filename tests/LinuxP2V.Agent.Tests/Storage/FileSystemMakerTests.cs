using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Guest.FileSystems;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Storage;

/// <summary>File systems are made anew from what was read of others, on real devices, and judged by what was made.</summary>
public sealed class FileSystemMakerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("p2v-mkfs-").FullName;
    private readonly EventRecorder events = new();
    private readonly string device;

    public FileSystemMakerTests() => device = Shell.Run("truncate -s 400M copy source; losetup -f --show copy", folder).Trim();

    public void Dispose()
    {
        Shell.Run($"losetup -d {device}");
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("mkfs.ext4 -q -F")]
    [InlineData("mkfs.ext3 -q -F")]
    [InlineData("mkfs.ext2 -q -F")]
    [InlineData("mkfs.ext4 -q -F -O ^64bit,^metadata_csum,uninit_bg -I 128")]
    [InlineData("mkfs.ext4 -q -F -O quota,project,inline_data,large_dir,ea_inode,metadata_csum_seed,fast_commit,mmp")]
    [InlineData("mkfs.ext4 -q -F -O meta_bg,^resize_inode,bigalloc,orphan_file")]
    [InlineData("mkfs.xfs -q -f")]
    [InlineData("mkfs.xfs -q -f -m crc=0")]
    [InlineData("mkfs.xfs -q -f -m rmapbt=1,bigtime=0,inobtcount=0,reflink=0")]
    [InlineData("mkfs.btrfs -q -f")]
    [InlineData("mkfs.btrfs -q -f -O ^no-holes -R ^free-space-tree")]
    [InlineData("mkfs.btrfs -q -f -M")]
    public async Task A_copy_has_the_features_of_its_source_and_nothing_is_said(string make)
    {
        Shell.Run($"{make} source >/dev/null", folder);
        var spec = SpecOf("source");

        await MakeAsync(spec);

        Assert.Empty(events.Of<LogEvent>().Where(e => e.Level == LogLevel.Warning).Select(e => e.Message));
        Assert.Equal(FileSystemFeatures.Of(spec).Order(), FileSystemFeatures.Read(device)!.Order());
    }

    [Fact]
    public async Task What_the_copy_lacks_is_said()
    {
        Shell.Run("mkfs.ext4 -q -F source", folder);
        var spec = SpecOf("source");
        await MakeAsync(spec with { Ext = spec.Ext! with { Features = [.. spec.Ext.Features, "dirdata"] } });

        var said = Assert.Single(events.Of<LogEvent>(), e => e.Level == LogLevel.Warning);
        Assert.Contains("has dirdata; mke2fs of the helper made it without", said.Message, StringComparison.Ordinal);
    }

    private Task MakeAsync(FileSystemSpec spec) =>
        new FileSystemMaker(events).MakeAsync(
            new TargetVolume
            {
                Id = "/data",
                Device = DeviceReference.OnDisk(0, 1),
                SourceDevice = "/dev/sda1",
                FileSystem = spec,
            },
            device,
            default
        );

    private FileSystemSpec SpecOf(string image)
    {
        var bytes = new byte[80 << 10];
        using var file = File.OpenRead(Path.Combine(folder, image));
        file.ReadExactly(bytes);
        return ContentReader.Read(bytes[..12288], bytes[65536..69632])!.Specification!;
    }
}
