using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Tests.Support;

namespace LinuxP2V.Guest.Tests.BootLoaders;

/// <summary>Which of its entries systemd-boot starts.</summary>
public sealed class SystemdBootTests
{
    private static readonly string[] Unified = ["/efi/EFI/Linux/arch-linux.efi", "/efi/EFI/Linux/arch-linux-fallback.efi"];

    [Theory]
    // Images have the distribution's sort key inside.
    [InlineData("", "arch-linux.efi")]
    [InlineData("default old*\n", "Old")]
    [InlineData("default OLD-[0-9].conf\n", "Old")]
    [InlineData("default arch-linux-f*\n", "arch-linux-fallback.efi")]
    public void Images_come_before_entries_without_a_sort_key(string settings, string name) =>
        Assert.Equal(
            name,
            Default([
                ("/etc/os-release", "ID=arch\n"),
                ("/efi/loader/loader.conf", settings),
                ("/efi/loader/entries/old-6.conf", "title Old\nlinux /vmlinuz\n"),
                .. Unified.Select(path => (path, "MZ")),
            ])
        );

    [Fact]
    public void The_newest_image_is_the_first() =>
        Assert.Equal(
            "id-6.10.1-1.fc40.efi",
            Default([("/efi/EFI/Linux/id-6.9.7-200.fc40.efi", "MZ"), ("/efi/EFI/Linux/id-6.10.1-1.fc40.efi", "MZ")])
        );

    [Theory]
    [InlineData("", "New")]
    [InlineData("default id-2.conf\n", "New")]
    [InlineData("default id-3.conf\n", "Failed")]
    public void Counters_are_no_part_of_a_name_and_an_entry_that_failed_comes_last(string settings, string name) =>
        Assert.Equal(
            name,
            Default([
                ("/efi/loader/loader.conf", settings),
                ("/efi/loader/entries/id-1.conf", "title Old\nlinux /1\n"),
                ("/efi/loader/entries/id-2+3-1.conf", "title New\nlinux /2\n"),
                ("/efi/loader/entries/id-3+0-3.conf", "title Failed\nlinux /3\n"),
            ])
        );

    [Theory]
    [InlineData("122.1", "123~rc1-1")]
    [InlineData("123~rc1-1", "123")]
    [InlineData("123", "123-a")]
    [InlineData("123-a", "123-a.1")]
    [InlineData("123-a.1", "123-1")]
    [InlineData("123-1", "123-1.1")]
    [InlineData("123-1.1", "123^post1")]
    [InlineData("123^post1", "123.a-1")]
    [InlineData("123.a-1", "123.1-1")]
    [InlineData("123.1-1", "123a-1")]
    [InlineData("123a-1", "124-1")]
    [InlineData("5.14.0-70.el9", "5.14.0-70.13.1.el9_0")]
    [InlineData("", "0")]
    [InlineData("009", "10")]
    public void Versions_in_the_order_of_the_specification(string older, string newer)
    {
        Assert.True(UapiVersionOrder.Instance.Compare(older, newer) < 0);
        Assert.True(UapiVersionOrder.Instance.Compare(newer, older) > 0);
        Assert.Equal(0, UapiVersionOrder.Instance.Compare(older, older));
    }

    [Theory]
    [InlineData("abc", "a*c", true)]
    [InlineData("abc", "a?c", true)]
    [InlineData("abc", "*", true)]
    [InlineData("abc", "abc*", true)]
    [InlineData("abc", "ab", false)]
    [InlineData("abc", "a[a-c]c", true)]
    [InlineData("abc", "a[!a-c]c", false)]
    [InlineData("a]c", "a[]]c", true)]
    [InlineData("a[c", "a[c", true)]
    [InlineData("abc", "a[c", false)]
    [InlineData("a.c", "a.c", true)]
    [InlineData("abc", "a.c", false)]
    [InlineData("aXbXc", "a*X*c", true)]
    [InlineData("", "", true)]
    [InlineData("", "*", true)]
    [InlineData("", "?", false)]
    [InlineData("a-c", "a[a-]c", true)]
    public void Patterns_of_names(string name, string pattern, bool matches) => Assert.Equal(matches, ShellPattern.Matches(name, pattern));

    [Fact]
    public void A_pattern_that_means_harm_ends() =>
        Assert.False(ShellPattern.Matches(new string('a', 5000), string.Concat(Enumerable.Repeat("*a", 500)) + "b"));

    private static string Default((string, string)[] files) => SystemdBootEntries.Read(GuestFiles.Tree(files), ["/efi"]).Default!.Name;
}
