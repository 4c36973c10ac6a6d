using LinuxP2V.Engine.Sources.Probing;

namespace LinuxP2V.Engine.Tests.Sources;

/// <summary>Which mounts of a mountinfo can be reached.</summary>
public sealed class MountCoverTests
{
    [Theory]
    // As a machine boots: the initramfs's root, the root, what lies in it.
    [InlineData("1 0 /|21 1 /|22 21 /boot|23 22 /boot/efi|24 21 /data", "1")]
    // One over another at the same place, and what is mounted in the upper one.
    [InlineData("21 1 /|22 21 /data|23 22 /data|24 23 /data/x", "22")]
    // The upper folder was mounted later.
    [InlineData("21 1 /|22 21 /data/x|23 21 /data", "22")]
    [InlineData("21 1 /|22 21 /data/x|23 22 /data/x/y|24 21 /data", "22,23")]
    // It was mounted first, the usual order.
    [InlineData("21 1 /|22 21 /data|23 22 /data/x", "")]
    [InlineData("21 1 /|22 21 /data|23 21 /database", "")]
    // An automount point below its mount.
    [InlineData("21 1 /|22 21 /net|23 22 /net", "22")]
    // Parents in a circle, as only a liar tells them.
    [InlineData("21 22 /a|22 21 /b|23 23 /c", "")]
    public void What_a_later_mount_lies_over_is_covered(string mounts, string covered)
    {
        var lines = mounts
            .Split('|')
            .Select(text => text.Split(' '))
            .Select(words => new MountInfo(words[0], words[1], "8:1", "/", words[2], "ext4", "/dev/sda1", "rw"))
            .ToList();
        Assert.Equal(covered, string.Join(',', MountCover.Find(lines).Keys.Select(mount => mount.Id).Order(StringComparer.Ordinal)));
    }
}
