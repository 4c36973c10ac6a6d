using LinuxP2V.Engine.Conversions;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Processes;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>
/// Conversions that cannot begin: told with an id and a remedy, the source untouched, nothing left over that was not
/// asked for.
/// </summary>
[Trait("Area", "Conversions")]
[Collection(SourceTestGroup.Name)]
public sealed class RefusedConversionTests(SourceFixture lab)
{
    [Fact]
    public async Task Without_the_helper_image_no_VM_is_made()
    {
        var run = new EngineRun(Folder("no-image"));
        var conversion = run.Manager.Create(run.Plan(lab.Discovered, "no-image"));

        var failure = await run.FailureAsync(conversion.Id, lab.Key, TimeSpan.FromMinutes(2), Path.Combine(lab.Folder, "there-is-no.iso"));

        Assert.Equal(ErrorIds.HelperImageMissing, failure.Id);
        Assert.Contains("there-is-no.iso", failure.Cause, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(run.Destination.Reference.Address, "no-image")));
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused_and_what_has_it_is_left_alone()
    {
        var run = new EngineRun(Folder("taken"));
        var task = run.Plan(lab.Discovered, "taken");
        var theirs = Path.Combine(Directory.CreateDirectory(Path.Combine(run.Destination.Reference.Address, "taken")).FullName, "theirs");
        await File.WriteAllTextAsync(theirs, "keep me");

        var failure = await run.FailureAsync(run.Manager.Create(task).Id, lab.Key, TimeSpan.FromMinutes(2));

        Assert.Equal(ErrorIds.DestinationNameTaken, failure.Id);
        Assert.Equal("keep me", await File.ReadAllTextAsync(theirs));
    }

    [Fact]
    public async Task A_folder_that_is_too_small_is_found_before_anything_is_made()
    {
        var small = Directory.CreateDirectory(Path.Combine(lab.Folder, "small")).FullName;
        (await Command.RunAsync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", small], CancellationToken.None)).OrThrow("tmpfs");
        try
        {
            var run = new EngineRun(Folder("full"), small);

            var task = run.Plan(lab.Discovered, "full");
            var findings = await run.Destination.TestAsync(task.Plan.Machine, null, CancellationToken.None);

            var finding = Assert.Single(findings, f => f.Id == ErrorIds.DestinationFull);
            Assert.Equal(FindingSeverity.Error, finding.Severity);
            Assert.Contains(small, finding.What, StringComparison.Ordinal);

            // Who does not ask first is told all the same.
            var failure = await run.FailureAsync(run.Manager.Create(task).Id, lab.Key, TimeSpan.FromMinutes(2));
            Assert.Equal(ErrorIds.DestinationFull, failure.Id);
            Assert.Empty(Directory.EnumerateFileSystemEntries(small));
        }
        finally
        {
            await Command.RunAsync("umount", [small], CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_helper_that_cannot_reach_the_source_says_so_before_a_disk_is_touched()
    {
        var run = new EngineRun(Folder("no-route"));
        var task = run.Plan(lab.Discovered, "no-route");
        var conversion = run.Manager.Create(task with { Source = task.Source with { Port = QemuMachine.FreePort() } });
        try
        {
            var end = await run.DriveToEndAsync(conversion.Id, lab.Key, TimeSpan.FromMinutes(6));

            Assert.Equal(ConversionState.Failed, end.State);
            Assert.Equal(ErrorIds.HelperCannotReachSource, end.Error!.Id);
            Assert.NotEmpty(end.Error.Remedy);
        }
        finally
        {
            await run.Manager.RemoveAsync(conversion.Id, run.Destination, CancellationToken.None);
        }

        Assert.False(Directory.Exists(Path.Combine(run.Destination.Reference.Address, "no-route")));
        Assert.False(QemuMachine.RunsIn(run.Destination.Reference.Address));
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(lab.Folder, name)).FullName;
}
