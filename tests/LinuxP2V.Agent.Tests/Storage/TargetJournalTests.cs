using LinuxP2V.Agent.Storage;

namespace LinuxP2V.Agent.Tests.Storage;

public sealed class TargetJournalTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("linuxp2v-journal-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Survives_a_torn_line()
    {
        var journal = TargetJournal.Create(root, "c", "h", ["/", "/boot"]);
        journal.MarkVolumeComplete("/", 10, 2);
        File.AppendAllText(Path.Combine(root, ".linuxp2v/journal.jsonl"), "{\"kind\":\"volumeCom");

        var opened = TargetJournal.Open(root)!;
        Assert.True(opened.IsVolumeComplete("/"));
        Assert.False(opened.HoldsWholeCopy);
        opened.MarkVolumeComplete("/boot", 1, 1);

        var again = TargetJournal.Open(root)!;
        Assert.Equal(("c", "h"), (again.ConversionId, again.LayoutHash));
        Assert.True(again.IsVolumeComplete("/boot"));
        Assert.True(again.HoldsWholeCopy);
        Assert.False(again.IsReconfigured);
        again.MarkReconfigured();
        Assert.True(TargetJournal.Open(root)!.IsReconfigured);
    }

    [Fact]
    public void A_journal_that_was_never_begun_is_none()
    {
        Directory.CreateDirectory(Path.Combine(root, ".linuxp2v"));
        File.WriteAllText(Path.Combine(root, ".linuxp2v/journal.jsonl"), "{\"kind\":\"prep");
        Assert.Null(TargetJournal.Open(root));
    }
}
