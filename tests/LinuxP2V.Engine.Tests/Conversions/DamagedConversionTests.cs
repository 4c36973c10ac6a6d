using LinuxP2V.Engine.Conversions;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

/// <summary>A file that cannot be read hides no other, is told by its path, and can be removed.</summary>
public sealed class DamagedConversionTests : ConversionTestBase
{
    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"id\":")]
    [InlineData("{\"id\":\"x\",\"state\":\"Levitating\"}")]
    [InlineData("\u0000\u0000\u0000\u0000")]
    public async Task It_is_listed_apart_and_can_be_forgotten(string text)
    {
        var manager = Manager();
        var sound = manager.Create(NewTask()).Id;
        var damaged = manager.Create(NewTask()).Id;
        var path = Directory.GetFiles(Folder, damaged + ".json", SearchOption.AllDirectories).Single();
        await File.WriteAllTextAsync(path, text);

        var fresh = Manager();
        Assert.Equal(sound, Assert.Single(fresh.List()).Id);
        var told = Assert.Single(fresh.ListDamaged());
        Assert.Equal((damaged, path, ErrorIds.TaskUnreadable), (told.Id, told.Path, told.Failure.ErrorId));
        Assert.Contains(path, told.Failure.Message, StringComparison.Ordinal);
        Assert.Contains($"Remove-P2VConversion {damaged}", told.Failure.Remedy, StringComparison.Ordinal);
        Assert.Equal(ErrorIds.TaskUnreadable, Assert.Throws<P2VException>(() => fresh.Get(damaged)).ErrorId);
        await Assert.ThrowsAsync<P2VException>(() => fresh.RemoveAsync(damaged, Destination, CancellationToken.None));
        Assert.True(File.Exists(path));

        await fresh.RemoveAsync(damaged, null, CancellationToken.None);
        Assert.Empty(fresh.ListDamaged());
        Assert.Equal(sound, Assert.Single(fresh.List()).Id);
        Assert.DoesNotContain(
            Directory.GetFiles(Folder, "*", SearchOption.AllDirectories),
            file => file.Contains(damaged, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_file_of_another_name_is_none_of_ours()
    {
        var manager = Manager();
        manager.Create(NewTask());
        var folder = Path.GetDirectoryName(Directory.GetFiles(Folder, "*.json", SearchOption.AllDirectories).Single())!;
        File.WriteAllText(Path.Combine(folder, "copy of it.json"), "not ours");
        Assert.Single(manager.List());
        Assert.Empty(manager.ListDamaged());
    }

    [Fact]
    public void State_and_logs_are_the_users_alone_whatever_the_umask_and_also_in_a_folder_that_was_open()
    {
        var open = Directory.CreateDirectory(Path.Combine(Folder, "open"), (UnixFileMode)0x1ff).FullName;
        File.SetUnixFileMode(open, (UnixFileMode)0x1ff);
        var (conversions, requests) = (Path.Combine(open, "conversions"), Path.Combine(open, "requests"));
        foreach (var folder in new[] { conversions, requests })
        {
            Directory.CreateDirectory(folder);
            File.SetUnixFileMode(folder, (UnixFileMode)0x1ff);
        }

        var store = new ConversionStore(open);
        var conversion = Manager().Create(NewTask());
        store.Save(conversion);
        store.OpenLog(conversion.Id).Dispose();
        store.Requests.RequestStop(conversion.Id);
        store.Differences(conversion.Id).Begin("first");
        using (store.TryLock(conversion.Id))
        {
            const UnixFileMode OfUser = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Assert.Equal(OfUser | UnixFileMode.UserExecute, File.GetUnixFileMode(conversions));
            Assert.Equal(OfUser | UnixFileMode.UserExecute, File.GetUnixFileMode(requests));
            string[] files = [.. Directory.GetFiles(conversions), .. Directory.GetFiles(requests)];
            Assert.All(files, file => Assert.Equal(OfUser, File.GetUnixFileMode(file)));
            Assert.Equal(5, files.Length);
        }
    }
}
