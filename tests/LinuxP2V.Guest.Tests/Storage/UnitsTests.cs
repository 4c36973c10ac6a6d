using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Tests.Shared.Layouts;

namespace LinuxP2V.Guest.Tests.Storage;

public sealed class UnitsTests
{
    private const string Folder = "/etc/systemd/system";

    [Theory]
    [InlineData("[Mount]\nWhat=/dev/md0\nWhere=/mnt/x\n", $"[Mount]\nWhat=/dev/disk/by-uuid/{RootUuid}\nWhere=/mnt/x\n")]
    [InlineData(
        "[Mount]\nWhat=/dev/vg-0/home\nWhere=/mnt/x\nOptions=sunit=8,ro\n",
        "[Mount]\nWhat=/dev/vg-0/home\nWhere=/mnt/x\nOptions=ro\n"
    )]
    [InlineData("[Mount]\nWhat=nas:/x\nWhere=/mnt/x\nType=nfs\n", null)]
    [InlineData("[Mount]\nWhat=/dev/sdz1\nWhere=/mnt/x\n", null)]
    public void A_mount_that_stays(string text, string? expected)
    {
        var plan = Plan(($"{Folder}/mnt-x.mount", text));
        Assert.Equal(expected, plan.Changes.OfType<FileText>().SingleOrDefault()?.Text);
        Assert.Empty(plan.Changes.OfType<FileRemoval>());
    }

    [Fact]
    public void What_shows_a_folder_of_a_volume_that_was_left_out_goes_too()
    {
        var plan = Plan(
            ($"{Folder}/var-www.mount", "[Mount]\nWhat=/srv/www\nWhere=/var/www\nOptions=bind\n"),
            ($"{Folder}/var-home.mount", "[Mount]\nWhat=/home/x\nWhere=/var/home\nOptions=bind\n"),
            ($"{Folder}/local-fs.target.requires/var-www.mount", "")
        );
        Assert.Equal(
            [$"{Folder}/local-fs.target.requires/var-www.mount", $"{Folder}/var-www.mount"],
            plan.Changes.Select(change => change.Subject)
        );
    }

    [Fact]
    public void A_device_that_nobody_knows_goes_where_something_starts_it_with_its_automount_and_is_told_to_those_that_need_it()
    {
        var plan = Plan(
            ($"{Folder}/mnt-x.mount", "[Mount]\nWhat=/dev/sdz1\nWhere=/mnt/x\n"),
            ($"{Folder}/mnt-x.automount", "[Automount]\nWhere=/mnt/x\n"),
            ($"{Folder}/multi-user.target.wants/mnt-x.mount", ""),
            ($"{Folder}/multi-user.target.wants/mnt-x.automount", ""),
            ($"{Folder}/db.service", "[Unit]\nRequires=network.target \\\n mnt-x.mount\n[Service]\nExecStart=/bin/true\n"),
            ($"{Folder}/web.service.d/a.conf", "[Unit]\nBindsTo=dev-md9.device dev-ttyS0.device\n"),
            ($"{Folder}/soft.service", "[Unit]\nWants=mnt-x.mount\nAfter=mnt-x.mount\n"),
            ($"{Folder}/old.service", "[Unit]\nRequires=srv.mount\n")
        );
        Assert.Equal(
            [
                $"{Folder}/multi-user.target.wants/mnt-x.mount",
                $"{Folder}/mnt-x.mount",
                $"{Folder}/multi-user.target.wants/mnt-x.automount",
                $"{Folder}/mnt-x.automount",
            ],
            plan.Changes.Select(change => change.Subject)
        );
        Assert.Equal(
            [$"{Folder}/db.service", $"{Folder}/old.service", $"{Folder}/web.service.d/a.conf"],
            plan.Findings.Select(finding => finding.Subject).Order(StringComparer.Ordinal)
        );
        Assert.Contains(
            "dev-md9.device, which",
            plan.Findings.Single(finding => finding.Subject.EndsWith("a.conf", StringComparison.Ordinal)).What,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_file_that_adds_to_a_unit_is_looked_at_too()
    {
        var plan = Plan(
            ($"{Folder}/home.mount", "[Mount]\nWhat=/dev/vg-0/home\nWhere=/home\n"),
            ($"{Folder}/home.mount.d/10.conf", "[Mount]\nOptions=logdev=/dev/sdb1,noatime\n")
        );
        Assert.Equal("[Mount]\nOptions=noatime\n", Assert.IsType<FileText>(Assert.Single(plan.Changes)).Text);
    }

    [Fact]
    public void Links_of_a_swap_lead_to_the_unit_that_takes_its_place()
    {
        var plan = Plan(
            ($"{Folder}/dev-mapper-cryptswap.swap", "[Swap]\nWhat=/dev/mapper/cryptswap\n"),
            ($"{Folder}/swap.target.requires/dev-mapper-cryptswap.swap", "")
        );
        var link = Assert.Single(plan.Changes.OfType<LinkTo>());
        Assert.StartsWith($"{Folder}/swap.target.requires/dev-disk-by\\x2duuid-", link.Path, StringComparison.Ordinal);
        Assert.Equal(plan.Changes.OfType<FileText>().Single().Path, link.Target);
    }

    private static GuestPlan Plan(params (string Path, string Text)[] files)
    {
        var options = new ReconfigureOptions
        {
            RunningKernel = "6.1",
            Dropped = [new DroppedDevice("/dev/sdb1", null, "/srv")],
            Replaced = [new ReplacedDevice("/dev/md0", "/")],
        };
        return GuestPlanner.Plan(GuestFiles.Store(files), new GuestTarget(Samples.Server(), options), ["Units"]);
    }
}
