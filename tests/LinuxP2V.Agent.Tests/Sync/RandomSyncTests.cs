using Xunit.Sdk;

namespace LinuxP2V.Agent.Tests.Sync;

/// <summary>Random trees, random changes, several passes: after each the copy is the source.</summary>
public sealed class RandomSyncTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task After_any_changes_the_copy_is_the_source(int seed)
    {
        using var pair = new SyncPair();
        RandomChanges.Make(pair, $"{seed}-0", 250);
        await pair.CopyAsync();
        for (var round = 1; round <= 3; round++)
        {
            RandomChanges.Make(pair, $"{seed}-{round}", 20 * round * round);
            await pair.SyncAsync(isAltered: round == 2);
            try
            {
                pair.AssertEqual();
            }
            catch (XunitException exception)
            {
                throw new XunitException($"Seed {seed}, round {round}: {exception.Message}");
            }
        }
    }
}
