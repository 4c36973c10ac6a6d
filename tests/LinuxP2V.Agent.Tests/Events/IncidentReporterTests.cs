using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Events;

public sealed class IncidentReporterTests
{
    [Fact]
    public void What_guards_against_deletion_counts_above_the_number_that_is_named()
    {
        var events = new EventRecorder();
        var missed = 0;
        var watch = new IncidentWatch(events, () => missed++);
        var reporter = new IncidentReporter("v", "/", watch, limit: 2);

        reporter.Report(new CopyIncident(CopyIncidentKind.NotCarried, "/1", null));
        reporter.Report(new CopyIncident(CopyIncidentKind.Changed, "/2", null));
        Assert.Equal((0, 0, 0), (watch.Unreadable, watch.Missed, missed));
        reporter.Report(new CopyIncident(CopyIncidentKind.Unreadable, "/3", null));
        reporter.Report(new CopyIncident(CopyIncidentKind.Vanished, "/4", null));

        Assert.Equal((1, 2, 1), (watch.Unreadable, watch.Missed, missed));
        Assert.Equal(["/1", "/2"], events.Of<CopyIncidentEvent>().Select(e => e.Path));
    }

    [Fact]
    public void Words_about_more_files_than_are_named_are_counted_by_kind()
    {
        var events = new EventRecorder();
        var watch = new IncidentWatch(events);
        var reporter = new IncidentReporter("v", "/", watch);
        var messages = new SourceMessages(seesBelowMounts: true);
        for (var i = 0; i < IncidentReporter.Limit + 5; i++)
            messages.OnLine($"tar: ./{i}: file changed as we read it");

        messages.OnLine("tar: ./gone: File removed before we read it");
        messages.Report(reporter);

        Assert.Equal(IncidentReporter.Limit, events.Of<CopyIncidentEvent>().Count);
        Assert.Equal((IncidentReporter.Limit + 6, 1), (reporter.Count, watch.Missed));
    }
}
