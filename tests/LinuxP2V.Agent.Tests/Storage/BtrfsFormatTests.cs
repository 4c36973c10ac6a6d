using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Tests.Storage;

/// <summary>The features of a btrfs: an old kernel does not write to one that has a free space tree.</summary>
public sealed class BtrfsFormatTests
{
    /// <summary>As version 6.2 prints them.</summary>
    private const string Features = """
        Filesystem features available:
        mixed-bg            - mixed data and metadata block groups (compat=2.6.37, safe=2.6.37)
        extref              - increased hardlink limit per file to 65536 (compat=3.7, safe=3.12, default=3.12)
        no-holes            - no explicit hole extents for files (compat=3.14, safe=4.0, default=5.15)
        """;

    private const string RuntimeFeatures = """
        Runtime features available:
        quota               - quota support (qgroups) (compat=3.4)
        free-space-tree     - free space tree (space_cache=v2) (compat=4.5, safe=4.9, default=5.15)
        """;

    private const string LaterFeatures = Features + "\n" + RuntimeFeatures;

    [Theory]
    [InlineData("extref no-holes free-space-tree", Features, "-O extref,no-holes -R free-space-tree")]
    [InlineData("extref", Features, "-O extref,^no-holes -R ^free-space-tree")]
    [InlineData("extref no-holes free-space-tree", LaterFeatures, "-O extref,no-holes,free-space-tree")]
    [InlineData("extref", LaterFeatures, "-O extref,^no-holes,^free-space-tree")]
    [InlineData("", Features, "")]
    public void A_copy_has_the_features_of_its_source_and_no_other_ones(string wanted, string features, string arguments)
    {
        var command = BtrfsFormat.Build(Job(wanted), features, RuntimeFeatures);

        Assert.Equal($"-q -f {arguments} /dev/x".Replace("  ", " ", StringComparison.Ordinal), string.Join(' ', command.Arguments));
        Assert.Equal(wanted, string.Join(' ', command.Expected ?? []));
    }

    [Fact]
    public void What_no_list_has_is_expected_and_not_asked_for()
    {
        var command = BtrfsFormat.Build(Job("extref block-group-tree"), Features, RuntimeFeatures);

        Assert.Equal(["extref", "block-group-tree"], command.Expected);
        Assert.DoesNotContain(command.Arguments, argument => argument.Contains("block-group-tree", StringComparison.Ordinal));
    }

    private static FormatJob Job(string features) =>
        new(
            new TargetVolume
            {
                Id = "/",
                Device = DeviceReference.OnDisk(0, 1),
                SourceDevice = "/dev/sda1",
                FileSystem = new FileSystemSpec
                {
                    Kind = FileSystemKind.Btrfs,
                    BtrfsFeatures = features.Split(' ', StringSplitOptions.RemoveEmptyEntries),
                },
            },
            "/dev/x",
            0
        );
}
