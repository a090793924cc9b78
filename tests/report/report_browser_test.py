"""Opens reports in headless Chromium: does everything work, is nothing loaded, does nothing from a file run?

Skipped, with a message, where Chromium, its driver or Selenium is missing. With CODECOSIM_SCREENSHOTS, a folder, it leaves pictures
there for people to look at. CODECOSIM_LARGE=1 measures a large map instead.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    MISSING = "" if shutil.which("chromium") and shutil.which("chromedriver") else "chromium or chromium-driver is not installed"
except ImportError:
    MISSING = "python3-selenium is not installed"

PROGRAM = os.environ["CODECOSIM_PROGRAM"]
LIBRARY = os.path.join(os.environ["CODECOSIM_SOURCE"], "scenarios", "library")
LARGE = os.environ.get("CODECOSIM_LARGE") == "1"
EVIL = "</script><img src=x onerror=window.hacked=1><b>"


def codecosim(*arguments):
    return subprocess.run([PROGRAM, *arguments], check=True, capture_output=True, text=True).stdout


class Browser:
    """A report, opened."""

    def __init__(self, file, width=1400, height=1000, dark=False, phone=False):
        options = Options()
        options.binary_location = shutil.which("chromium")
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                         f"--window-size={width},{height}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        self.driver.set_script_timeout(120)
        if dark:
            self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
        if phone:
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                        {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": True})
        self.file = "file://" + os.path.abspath(file)
        begun = time.monotonic()
        self.driver.get(self.file)
        self.wait(lambda: self.js("return document.documentElement.dataset.ready === 'yes'"), "the report does not get ready")
        self.load_seconds = time.monotonic() - begun

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def wait(self, test, message, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if test():
                return
            time.sleep(0.05)
        raise AssertionError(f"{message}: {self.driver.get_log('browser')}")

    def time(self):
        return self.js("return player.replay.time")

    def focused(self, selector):
        self.js("document.querySelector(arguments[0]).focus({preventScroll: true})", selector)
        return self.driver.switch_to.active_element

    def click(self, name):
        """As people do: once the page has come to rest."""
        self.js("document.getElementById(arguments[0]).scrollIntoView({block: 'center', behavior: 'instant'})", name)
        self.driver.find_element(By.ID, name).click()

    def click_map(self, x, y):
        canvas = self.driver.find_element(By.ID, "map")
        self.js("document.getElementById('map').scrollIntoView({block: 'center', behavior: 'instant'})")
        box = self.js("const b = document.getElementById('map').getBoundingClientRect(); return [b.width, b.height]")
        # Selenium counts from the middle of the element.
        ActionChains(self.driver).move_to_element_with_offset(canvas, round(x - box[0] / 2), round(y - box[1] / 2)).click().perform()

    def complaints(self):
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self):
        urls = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                urls.append(message["params"]["request"]["url"])
        return [url for url in urls if not url.startswith("data:,")]

    def picture(self, name):
        folder = os.environ.get("CODECOSIM_SCREENSHOTS")
        if folder:
            self.driver.save_screenshot(os.path.join(folder, name + ".png"))


def scenario(name, **changes):
    with open(os.path.join(LIBRARY, name + ".json"), encoding="utf-8") as file:
        return {**json.load(file), **changes}


@unittest.skipIf(MISSING, MISSING)
@unittest.skipIf(LARGE, "the large map is measured alone")
class OfARun(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.run_folder = os.path.join(cls.folder.name, "run")
        codecosim("run", os.path.join(LIBRARY, "agv-factory.json"), "--until", "3min", "--replay=1s", "--out", cls.run_folder)
        codecosim("report", cls.run_folder)
        cls.report = os.path.join(cls.run_folder, "report.html")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def assert_quiet(self, browser):
        self.assertEqual(browser.complaints(), [])
        self.assertEqual(set(browser.requests()), {browser.file})

    def test_play_moves_time_and_devices_and_stops_again(self):
        with Browser(self.report) as browser:
            before = browser.js("return [...player.view.deviceAt]")
            browser.click("play")
            browser.wait(lambda: browser.time() > 10, "playing does not move time")
            self.assertEqual(browser.driver.find_element(By.ID, "play").get_attribute("aria-label"), "Pause")
            browser.click("play")
            stopped = browser.time()
            time.sleep(0.5)
            self.assertEqual(browser.time(), stopped)
            after = browser.js("return [...player.view.deviceAt]")
            self.assertGreater(sum(abs(a - b) > 1 for a, b in zip(before, after)), 20)
            self.assert_quiet(browser)

    def test_the_map_says_what_the_trace_says(self):
        lines = subprocess.run(["zstd", "-dc", os.path.join(self.run_folder, "trace.jsonl.zst")], check=True, capture_output=True,
                               text=True).stdout.splitlines()
        records = [json.loads(line) for line in lines]
        when = 100
        where, phase = {}, {}
        for record in records:
            if record["t_s"] <= when and record["kind"] == "pod":
                where[record["pod"]], phase[record["pod"]] = record["node"], record["phase"]
        expected = {pod: where[pod] for pod in where if phase[pod] == "ready"}
        with Browser(self.report) as browser:
            browser.js("player.seek(150); player.seek(arguments[0])", when)
            shown = browser.js("""const r = player.replay; return Object.fromEntries(r.pods.map((pod, p) => [pod.name, p])
                .filter(([, p]) => r.words[r.podPhase[p]] === 'ready').map(([name, p]) => [name, r.nodes[r.podNode[p]].name]))""")
            self.assertEqual(shown, expected)
            self.assertEqual(browser.js("return player.replay.events.length"), len(records))
            # Two ways to the same number: pods that became ready by the trace, and those that the run itself counted.
            counted = browser.js("const r = player.replay, f = r.frame(); return r.clusters.map((_, c) => r.readyPods(c, f))")
            self.assertEqual(sum(counted), len(expected))

    def test_the_slider_seeks(self):
        with Browser(self.report) as browser:
            slider = browser.focused("#time")
            browser.js("const s = document.getElementById('time'); s.value = 90; s.dispatchEvent(new Event('input'))")
            self.assertAlmostEqual(browser.time(), 90, delta=0.2)
            self.assertTrue(browser.driver.find_element(By.ID, "date").text.startswith("1:30"))
            slider.send_keys(Keys.HOME)
            self.assertEqual(browser.time(), 0)

    def test_a_click_opens_the_story_of_what_is_there(self):
        with Browser(self.report) as browser:
            browser.js("player.seek(60); player.view.paint()")
            x, y = browser.js("return player.view.where('clusters', 2)")
            browser.js("player.view.show.devices = false")  # one may stand on it
            browser.click_map(x, y)
            story = browser.driver.find_element(By.ID, "story")
            self.assertTrue(story.is_displayed())
            self.assertIn("hall-1", story.text)
            self.assertIn("is ready on", story.text)
            # From there to something related, and on to its time.
            story.find_element(By.CSS_SELECTOR, "dd button.link").click()
            self.assertIn("hall-1/", story.find_element(By.TAG_NAME, "h3").text)
            browser.js("player.select({type: 'devices', id: 5}, true)")
            self.assertIn("is served by", story.text)
            moment = story.find_elements(By.CSS_SELECTOR, "button.when")[3]
            moment.click()
            self.assertAlmostEqual(browser.time(), browser.js("return player.replay.when[player.chapters[3]]"), places=6)
            self.assert_quiet(browser)

    def test_the_search_finds_by_keyboard(self):
        with Browser(self.report) as browser:
            search = browser.focused("#search")
            search.send_keys("agv-17")
            self.assertTrue(browser.driver.find_element(By.ID, "found").is_displayed())
            search.send_keys(Keys.ENTER)
            self.assertEqual(browser.js("return player.replay.name(player.view.selected)"), "agv-17")
            self.assertFalse(browser.driver.find_element(By.ID, "found").is_displayed())

    def test_the_keyboard_is_enough(self):
        with Browser(self.report) as browser:
            canvas = browser.focused("#map")
            canvas.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
            self.assertAlmostEqual(browser.time(), 3.6, places=6)
            canvas.send_keys(Keys.ARROW_LEFT)
            self.assertAlmostEqual(browser.time(), 1.8, places=6)
            canvas.send_keys("n")
            self.assertGreater(browser.time(), 1.8)
            canvas.send_keys(Keys.SPACE)
            self.assertTrue(browser.js("return player.playing"))
            canvas.send_keys(Keys.SPACE)
            self.assertFalse(browser.js("return player.playing"))
            scale = browser.js("return player.view.scale")
            canvas.send_keys("+")
            self.assertGreater(browser.js("return player.view.scale"), scale)
            # What has the focus can be seen, and all that acts can have it.
            self.assertNotEqual(browser.js("return getComputedStyle(document.getElementById('map')).outlineStyle"), "none")
            self.assertEqual(browser.js("return [...document.querySelectorAll('button, select, input, summary')].filter((e) => e.tabIndex < 0).length"), 0)
            unnamed = browser.js("""return [...document.querySelectorAll('button, select, input')].filter((e) =>
                !(e.getAttribute('aria-label') || e.textContent.trim() && e.tagName === 'BUTTON' || e.closest('label'))).length""")
            self.assertEqual(unnamed, 0)

    def test_filters_change_the_picture(self):
        with Browser(self.report) as browser:
            browser.js("player.seek(100)")
            picture = "player.view.groundState = ''; player.view.paint(); return document.getElementById('map').toDataURL()"
            pictures = {browser.js(picture)}
            for name in ("links", "devices", "cells", "labels"):
                browser.js(f"document.getElementById('show-{name}').click()")
                pictures.add(browser.js(picture))
            browser.js("const k = document.getElementById('kind'); k.value = 'watch'; k.dispatchEvent(new Event('change'))")
            pictures.add(browser.js(picture))
            self.assertEqual(len(pictures), 6)

    def test_dark_and_light(self):
        shades = {}
        for dark in (False, True):
            with Browser(self.report, dark=dark, height=1500) as browser:
                browser.js("player.seek(90); player.view.paint()")
                paper = "return getComputedStyle(document.body).backgroundColor"
                corner = "return [...document.getElementById('map').getContext('2d').getImageData(3, 3, 1, 1).data].slice(0, 3)"
                shades[dark] = browser.js(corner)
                browser.picture("dark" if dark else "light")
                before = browser.js(paper)
                button = browser.driver.find_element(By.ID, "theme")
                for _ in range(1 if dark else 2):  # auto, light, dark
                    button.click()
                self.assertNotEqual(browser.js(paper), before)
                self.assert_quiet(browser)
        self.assertGreater(sum(shades[False]), 600)
        self.assertLess(sum(shades[True]), 150)

    def test_a_phone_has_no_sideways_scrolling(self):
        for width in (390, 320):
            with Browser(self.report, width, 844, phone=True) as browser:
                self.assertEqual(browser.js("return document.documentElement.scrollWidth"), width)
                browser.js("player.select({type: 'clusters', id: 1})")
                self.assertEqual(browser.js("return document.documentElement.scrollWidth"), width)
                overlapping = browser.js("""const all = [...document.querySelectorAll('.transport > *')].map((e) => e.getBoundingClientRect());
                    return all.some((a, i) => all.some((b, j) => i < j && a.right > b.left + 1 && b.right > a.left + 1 && a.bottom > b.top + 1 && b.bottom > a.top + 1))""")
                self.assertFalse(overlapping)
                browser.js("document.getElementById('replay-section').scrollIntoView({behavior: 'instant'})")
                browser.picture(f"phone-{width}")
                self.assert_quiet(browser)

    def test_charts_are_drawn(self):
        with Browser(self.report) as browser:
            browser.js("document.getElementById('charts').scrollIntoView({behavior: 'instant'})")
            time.sleep(0.5)
            browser.picture("charts")
            blank = browser.js("""return [...document.querySelectorAll('.chart canvas')].filter((canvas) => {
                const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
                return !data.some((value) => value > 0);
            }).length""")
            self.assertEqual(blank, 0)
            self.assertGreaterEqual(browser.js("return document.querySelectorAll('.chart canvas').length"), 4)

    def test_without_a_replay_it_says_how_to_get_one(self):
        folder = os.path.join(self.folder.name, "plain")
        codecosim("run", os.path.join(LIBRARY, "quickstart.json"), "--until", "1min", "--out", folder)
        codecosim("report", folder)
        with Browser(os.path.join(folder, "report.html")) as browser:
            self.assertIn("--replay", browser.driver.find_element(By.ID, "replay-section").text)
            self.assert_quiet(browser)

    def test_nothing_in_a_file_becomes_part_of_the_page(self):
        folder = os.path.join(self.folder.name, "evil")
        codecosim("run", os.path.join(LIBRARY, "quickstart.json"), "--until", "1min", "--replay", "--out", folder)
        for name in ("manifest.json", "scenario.json"):
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8") as file:
                content = json.load(file)
            content.update({"scenario": EVIL, "description": EVIL, "placement": EVIL, EVIL: EVIL})
            with open(path, "w", encoding="utf-8") as file:
                json.dump(content, file)
        with open(os.path.join(folder, "summary.json"), encoding="utf-8") as file:
            summary = json.load(file)
        summary[EVIL] = {"value": 1, "unit": EVIL}
        summary["by_client"][EVIL] = summary["by_client"]["camera"]
        with open(os.path.join(folder, "summary.json"), "w", encoding="utf-8") as file:
            json.dump(summary, file)
        with open(os.path.join(folder, "pending.json"), "w", encoding="utf-8") as file:
            json.dump([{"replica": EVIL, "reason": EVIL}], file)
        # And in what is replayed: names of things, and a record about one that there is not.
        replay = subprocess.run(["zstd", "-dc", os.path.join(folder, "replay.zst")], check=True, capture_output=True).stdout
        line, frames = replay.split(b"\n", 1)
        things = json.loads(line)
        things["clusters"][1]["name"] = things["applications"][0]["name"] = things["applications"][0]["kind"] = EVIL
        subprocess.run(["zstd", "-qf", "-o", os.path.join(folder, "replay.zst")], check=True,
                       input=json.dumps(things).encode() + b"\n" + frames)
        trace = subprocess.run(["zstd", "-dc", os.path.join(folder, "trace.jsonl.zst")], check=True, capture_output=True).stdout
        trace += json.dumps({"t_s": 59, "kind": "pod", "pod": EVIL, "node": EVIL, "phase": EVIL}).encode() + b"\n"
        subprocess.run(["zstd", "-qf", "-o", os.path.join(folder, "trace.jsonl.zst")], check=True, input=trace)
        codecosim("report", folder)
        with Browser(os.path.join(folder, "report.html")) as browser:
            browser.js("player.seek(player.replay.end); player.select({type: 'clusters', id: 1})")
            time.sleep(0.5)
            self.assertIsNone(browser.js("return window.hacked === undefined ? null : window.hacked"))
            self.assertEqual(browser.js("return document.querySelectorAll('img, b').length"), 0)
            self.assertEqual(browser.driver.find_element(By.TAG_NAME, "h1").text, EVIL)
            self.assertEqual(browser.driver.find_element(By.CSS_SELECTOR, "#story h3").text, EVIL)
            self.assert_quiet(browser)
            # Were something of it to get into the page all the same, the page's policy would not let it run.
            browser.js("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.hacked = 1\">')")
            time.sleep(0.3)
            self.assertIsNone(browser.js("return window.hacked === undefined ? null : window.hacked"))
            self.assertTrue(any("Content Security Policy" in complaint for complaint in browser.complaints()))


@unittest.skipIf(MISSING, MISSING)
@unittest.skipIf(LARGE, "the large map is measured alone")
class OfASweep(unittest.TestCase):
    def test_means_and_intervals_are_those_of_a_hand(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "columns.csv"), "w", encoding="utf-8") as file:
                file.write("column,role,unit,meaning,better\nrun,id,,,\npolicy,factor,,,\nload,factor,,,\nreplication,id,,,\nstatus,status,,,\nreason,status,,,\n"
                           "request.latency,metric,s,From sending a request to its answer.,lower\n")
            with open(os.path.join(folder, "results.csv"), "w", encoding="utf-8") as file:
                file.write("run,policy,load,replication,status,reason,request.latency\n")
                for i, (policy, load, value) in enumerate([("nearest", "1", 2), ("nearest", "1", 4), ("nearest", "1", 6), (EVIL, "1", 3), (EVIL, "1", 5),
                                                           ("nearest", "2", 7), (EVIL, "2", 8)]):
                    file.write(f"r{i},{policy},{load},{i},done,,{value}\n")
                file.write("r9,nearest,2,9,memory,more than 2 GB,\n")
            codecosim("report", folder)
            with Browser(os.path.join(folder, "report.html"), height=1300) as browser:
                # 2, 4, 6: mean 4, deviation 2, t(2; 0.975) = 4.303: 4.303 * 2 / sqrt(3) = 4.968.
                self.assertEqual(browser.js("const m = mean([2, 4, 6]); return [m.mean, m.half, m.count]")[::2], [4, 3])
                self.assertAlmostEqual(browser.js("return mean([2, 4, 6]).half"), 4.9687, places=3)
                # t(60; 0.975) = 2.0003, t(120) = 1.9799, from the tables.
                self.assertAlmostEqual(browser.js("return student(60)"), 2.0003, places=2)
                self.assertAlmostEqual(browser.js("return student(120)"), 1.9799, places=3)
                text = browser.driver.find_element(By.ID, "explore").text
                self.assertIn("nearest 1 4\u202fs 4.969\u202fs 2\u202fs 6\u202fs 3", text)
                self.assertIn("more than 2 GB", browser.driver.find_element(By.ID, "failed").text)
                self.assertEqual(browser.js("return document.querySelectorAll('img').length"), 0)
                browser.picture("sweep")
                self.assertEqual(browser.complaints(), [])
                self.assertEqual(set(browser.requests()), {browser.file})


@unittest.skipIf(MISSING, MISSING)
@unittest.skipUnless(LARGE, "CODECOSIM_LARGE=1 measures it")
class OfALargeRun(unittest.TestCase):
    def test_1500_clusters_and_5000_devices(self):
        wide = {"width": "20 km", "height": "20 km"}
        walk = lambda low, high: {"random_waypoint": {**wide, "speed": {"uniform": {"low": low, "high": high}}, "pause": "10 s"}}
        client = lambda name: {"name": name, "application": "app", "at": {"device": name}, "entry": "server", "workload": {"poisson": "0.1 /s"},
                               "request": "20 kB", "reply": "40 kB", "deadline": "200 ms"}
        link = {"bandwidth": "100 Mbit/s", "latency": "4 ms"}
        cluster = {"nodes": [{"type": "box", "count": 3}], "lan": link, "uplink": link}
        large = {
            "name": "large", "duration": "10 min", "providers": {"a": {}, "b": {}},
            "node_types": {"box": {"cores": 8, "memory": "16 GiB"}},
            "clusters": [{"name": "hub", "role": "hub", "provider": "b", "position": ["10 km", "10 km"], **cluster},
                         {"name": "edge", "count": 1499, "provider": "a", "position": {"random": wide}, **cluster}],
            "technologies": {"street": {"preset": "lte", "reach": "900 m"}},
            "cells": [{"name": "cell", "count": 900, "technology": "street", "channels": 3,
                       "position": {"grid": {"spacing": "667 m", "columns": 30, "corner": ["333 m", "333 m"]}}}],
            "devices": [{"name": "walker", "count": 3000, "technology": "street", "motion": walk("1 m/s", "4 m/s")},
                        {"name": "car", "count": 2000, "technology": "street", "motion": walk("8 m/s", "20 m/s")}],
            "applications": [{"name": "app", "count": 1500, "components": [
                {"name": "server", "image": {"name": "server:1", "size": "60 MB"}, "requests": {"cpu": "1", "memory": "1Gi"}, "work": "20 ms"}]}],
            "clients": [client("walker"), client("car")],
            "faults": [{"kind": "node", "match": "edge-*/*", "renewal": {"up": {"exponential": "3 h"}, "down": {"exponential": "3 min"}}}],
            "policy": {"placement": "nearest"},
        }
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "large.json"), "w", encoding="utf-8") as file:
                json.dump(large, file)
            results = os.path.join(folder, "run")
            codecosim("run", os.path.join(folder, "large.json"), "--replay", "--out", results)
            begun = time.monotonic()
            codecosim("report", results)
            made = time.monotonic() - begun
            report = os.path.join(results, "report.html")
            with Browser(report) as browser:
                frames = browser.driver.execute_async_script("""const done = arguments[0], begun = performance.now();
                    document.getElementById('replay-section').scrollIntoView({behavior: 'instant'});
                    player.view.painted = 0;
                    player.toggle();
                    setTimeout(() => { player.toggle(); done(player.view.painted / (performance.now() - begun) * 1000); }, 8000);""")
                print(f"\nmade in {made:.1f} s, {os.path.getsize(report) / 1e6:.1f} MB; open in {browser.load_seconds:.1f} s; {frames:.0f} frames/s")
                browser.picture("large")
                self.assertLess(os.path.getsize(report), 10e6)
                self.assertLess(browser.load_seconds, 10)
                self.assertGreater(frames, 5)
                self.assertEqual(browser.complaints(), [])


if __name__ == "__main__":
    unittest.main()
