using System.Text.Json;
using Sluice.Pipeline;

namespace Sluice.Control.Monitor;

/// <summary>
/// The journal on disk: one JSON line for each entry, appended to <c>journal.jsonl</c>; at <c>maxBytes</c> it becomes <c>journal.1.jsonl</c>, in place of the one before.
/// </summary>
/// <remarks>Used by one thread at a time. A line that a crash cut short is ended before the next one is written, and passed over when read.</remarks>
internal sealed class JournalFile(string directory, long maxBytes) : IDisposable
{
    private const byte NewLine = (byte)'\n';

    private readonly string _path = Path.Combine(directory, "journal.jsonl");
    private readonly string _oldPath = Path.Combine(directory, "journal.1.jsonl");
    private FileStream? _file;

    /// <summary>Reads the newest entries, oldest first.</summary>
    /// <param name="broken">How many lines were no entries.</param>
    public IEnumerable<JournalEntry> Load(int limit, out int broken)
    {
        broken = 0;
        var entries = new Queue<JournalEntry>();
        foreach (var path in new[] { _oldPath, _path })
        {
            if (!File.Exists(path)) continue;
            foreach (var line in File.ReadLines(path))
            {
                if (line.Length == 0) continue;
                if (Parse(line) is not { } entry)
                {
                    broken++;
                    continue;
                }
                entries.Enqueue(entry);
                if (entries.Count > limit) entries.Dequeue();
            }
        }
        return entries;
    }

    /// <summary>Appends one entry; what is written may wait in the process for <see cref="Flush"/>.</summary>
    public void Append(JournalEntry entry)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(entry, JournalJson.Default.JournalEntry);
        var file = Open();
        if (file.Length > 0 && file.Length + line.Length + 1 > maxBytes) file = Rotate();
        file.Write([.. line, NewLine]);
    }

    public void Flush() => _file?.Flush();

    /// <summary>Lets go of the file; the next entry opens it anew.</summary>
    public void Dispose()
    {
        // What could not be written is lost either way; closing must free the handle all the same.
        var file = _file;
        _file = null;
        file?.Dispose();
    }

    private FileStream Open()
    {
        if (_file is not null) return _file;
        Directory.CreateDirectory(directory);
        _file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        EndCutLine(_file);
        return _file;
    }

    private static void EndCutLine(FileStream file)
    {
        if (file.Length == 0) return;
        file.Seek(-1, SeekOrigin.End);
        if (file.ReadByte() != NewLine) file.WriteByte(NewLine);
    }

    private FileStream Rotate()
    {
        Dispose();
        File.Move(_path, _oldPath, overwrite: true);
        return Open();
    }

    private static JournalEntry? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, JournalJson.Default.JournalEntry);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
