using System.Text;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Tests.Storage;

public sealed class AgentFilesTests
{
    [Theory]
    [InlineData(".linuxp2v", true, true)]
    [InlineData(".linuxp2v/journal.jsonl", true, true)]
    [InlineData(".linuxp2v-finished", true, true)]
    [InlineData(".linuxp2v-headers/7/file", true, true)]
    [InlineData(".LINUXP2V-FINISHED", false, true)]
    [InlineData(".Linuxp2v/Journal.jsonl", false, true)]
    [InlineData(".linuxp2v.", false, true)]
    [InlineData(".linuxp2v-finished...", true, true)]
    [InlineData(".LinuxP2V.../x", false, true)]
    [InlineData(".linuxp2vx", false, false)]
    [InlineData(".linuxp2", false, false)]
    [InlineData("linuxp2v", false, false)]
    [InlineData("d/.linuxp2v", false, false)]
    [InlineData(".", false, false)]
    [InlineData("", false, false)]
    public void The_agents_names_are_those_at_the_root_on_fat_in_any_case(string path, bool onExt, bool onFat)
    {
        Assert.Equal(onExt, AgentFiles.IsOwn(Encoding.UTF8.GetBytes(path), Volume(FileSystemKind.Ext4)));
        Assert.Equal(onFat, AgentFiles.IsOwn(Encoding.UTF8.GetBytes(path), Volume(FileSystemKind.Vfat)));
    }

    private static TargetVolume Volume(FileSystemKind kind) =>
        new()
        {
            Id = "/boot/efi",
            Device = DeviceReference.OnDisk(0, 1),
            FileSystem = new FileSystemSpec { Kind = kind },
            MountPoint = "/boot/efi",
            SourceDevice = "/dev/sda1",
        };
}
